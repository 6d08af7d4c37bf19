import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { systemTimers } from '@myelin/runtime';
import { beforeEach, expect, test } from 'vitest';
import type { UserNid } from '../names/index.ts';
import { Counters } from '../counters/index.ts';
import { BackedUpKeyStore, type BackedUpKey } from './backed-up-key-store.ts';
import { BackupReader } from './backup-reader.ts';
import { BackupRemains } from './backup-remains.ts';
import { BackupStore } from './backup-store.ts';
import { KeyBackups } from './key-backups.ts';
import { keyBackupMigrations } from './migrations.ts';

const user = 1 as UserNid;

function keysOf(rooms: number, sessions: number): BackedUpKey[] {
  return Array.from({ length: rooms * sessions }, (_, n) => ({
    roomId: `!${n % rooms}:test`,
    sessionId: `s${n}`,
    firstMessageIndex: 0,
    forwardedCount: 0,
    isVerified: false,
    sessionData: '{}',
  }));
}

describeDatabases((open) => {
  let database: Database;
  let keys: BackedUpKeyStore;
  let remains: BackupRemains;
  let backups: KeyBackups;
  beforeEach(async () => {
    database = await open(keyBackupMigrations);
    keys = new BackedUpKeyStore(database);
    remains = new BackupRemains(database, keys, systemTimers);
    backups = new KeyBackups({
      database,
      numbers: await (await Counters.open(database)).open('key_backups'),
      backups: new BackupStore(database),
      keys,
      remains,
    });
  });

  /** Sweeps until nothing remains. */
  async function swept(): Promise<void> {
    while (await database.transact((writer) => keys.deleteRemains(writer, 100)));
  }

  test('the keys of a deleted backup are deleted, those of others stay', async () => {
    const first = await backups.create(user, 'a', '{}');
    await backups.add(user, first, keysOf(3, 100));
    const { nid } = await backups.get(user, first);
    const second = await backups.create(user, 'a', '{}');
    await backups.add(user, second, keysOf(2, 10));
    await backups.delete(user, first);
    await swept();
    expect(await keys.after(nid, '', '', 10)).toEqual([]);
    expect(await keys.after((await backups.get(user, second)).nid, '', '', 100)).toHaveLength(20);
  });

  test('of an emptied backup too; keys that come later stay', async () => {
    const version = await backups.create(user, 'a', '{}');
    await backups.add(user, version, keysOf(3, 100));
    const { nid } = await backups.get(user, version);
    await backups.deleteKeys(user, version, {});
    await backups.add(user, version, keysOf(1, 5));
    await swept();
    expect(await keys.after(nid, '', '', 10)).toEqual([]);
    expect(await keys.after((await backups.get(user, version)).nid, '', '', 10)).toHaveLength(5);
  });

  test('what was left when the server stopped is deleted by the next', async () => {
    const version = await backups.create(user, 'a', '{}');
    await backups.add(user, version, keysOf(1, 50));
    const { nid } = await backups.get(user, version);
    await remains.stop();
    await backups.delete(user, version);
    expect(await keys.after(nid, '', '', 100)).toHaveLength(50);
    const next = new BackupRemains(database, keys, systemTimers);
    next.sweep();
    await expect.poll(() => keys.after(nid, '', '', 100)).toEqual([]);
    await next.stop();
  });

  test('pages are put together whatever their size', async () => {
    const version = await backups.create(user, 'a', '{}');
    const all = keysOf(4, 5);
    await backups.add(user, version, all);
    const whole = { rooms: {} as Record<string, { sessions: Record<string, object> }> };
    for (const key of all) {
      const room = (whole.rooms[key.roomId] ??= { sessions: {} });
      room.sessions[key.sessionId] = {
        first_message_index: 0,
        forwarded_count: 0,
        is_verified: false,
        session_data: {},
      };
    }
    for (const page of [1, 2, 3, 5, 7, 20, 21]) {
      const reader = new BackupReader(backups, keys, page);
      expect(JSON.parse(await text(await reader.all(user, version)))).toEqual(whole);
      expect(JSON.parse(await text(await reader.room(user, version, '!2:test')))).toEqual(whole.rooms['!2:test']);
      expect(JSON.parse(await text(await reader.room(user, version, '!none:test')))).toEqual({ sessions: {} });
    }
  });
});

async function text(pieces: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const piece of pieces) whole += piece;
  return whole;
}
