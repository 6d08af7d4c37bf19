import { openDatabase } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { roomVersion, roomVersions } from '@myelin/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { testConfig } from './config/index.ts';
import { createCore, type Core } from './core.ts';
import { allMigrations } from './migrations.ts';
import { migrate } from '@myelin/database';

describe('the core', () => {
  let core: Core;
  afterEach(() => core.database.close());

  it.each(roomVersions.map((version) => version.id))('makes a room of version %s and sends into it', async (id) => {
    const database = await openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime);
    await migrate(database, allMigrations);
    core = await createCore(testConfig(), systemRuntime, database);
    const version = roomVersion(id);
    if (!version) throw new Error('no such version');
    const sender = '@alice:test';
    const room = await database.transact(async (writer) => {
      const senderNid = await core.names.user(writer, sender);
      const roomId = version.roomIdIsCreateEventId ? undefined : '!room:test';
      const content = { room_version: id, ...(version.creatorInContent ? { creator: sender } : {}) };
      const { head } = await core.timeline.createIn(writer, version, roomId, {
        type: 'm.room.create',
        stateKey: '',
        content,
        sender,
        senderNid,
      });
      const joined = await core.timeline.appendIn(writer, head, {
        type: 'm.room.member',
        stateKey: sender,
        content: { membership: 'join' },
        sender,
        senderNid,
      });
      return joined.head;
    });
    const senderNid = await core.names.findUser(sender);
    if (senderNid === undefined) throw new Error('the user has no number');
    const event = await core.timeline.append(room.room, {
      type: 'm.room.message',
      content: { body: 'hello' },
      sender,
      senderNid,
    });
    expect(await core.events.find(event.eventId)).toMatchObject({ type: 'm.room.message', content: { body: 'hello' } });
    expect(await core.members.isJoined(room.room, senderNid)).toBe(true);
    expect(event.pdu.prev_events).toHaveLength(1);
    expect(core.streams.current()).toBe(event.position);
  });
});
