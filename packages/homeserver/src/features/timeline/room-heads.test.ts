import { MatrixError } from '@myelin/api';
import { migrate, openDatabase } from '@myelin/database';
import { roomVersion, type RoomVersion } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { createCore, type Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import type { RoomHead } from './room-heads.ts';

describe('the head of a room', () => {
  let core: Core;
  let room: RoomHead;
  const sender = '@alice:test';
  const message = (body: string, senderNid: number) => ({
    type: 'm.room.message',
    content: { body },
    sender,
    senderNid: senderNid as never,
  });
  beforeEach(async () => {
    const database = await openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime);
    await migrate(database, allMigrations);
    core = await createCore(testConfig(), systemRuntime, database);
    room = await database.transact(async (writer) => {
      const senderNid = await core.names.user(writer, sender);
      const create = { type: 'm.room.create', stateKey: '', content: { room_version: '11' }, sender, senderNid };
      const { head } = await core.timeline.createIn(writer, roomVersion('11') as RoomVersion, '!room:test', create);
      return (
        await core.timeline.appendIn(writer, head, {
          type: 'm.room.member',
          stateKey: sender,
          content: { membership: 'join' },
          sender,
          senderNid,
        })
      ).head;
    });
  });
  afterEach(() => core.database.close());

  it('goes on from what was written before, when a transaction in between fails', async () => {
    const senderNid = (await core.names.findUser(sender)) as number;
    const first = core.timeline.append(room.room, message('first', senderNid));
    const failing = core.timeline.write(room.room, async (writer, head) => {
      await core.timeline.appendIn(writer, head, message('never', senderNid));
      throw new MatrixError('M_FORBIDDEN', 'no');
    });
    const second = core.timeline.append(room.room, message('second', senderNid));
    await expect(failing).rejects.toThrow('no');
    expect((await second).pdu.prev_events).toEqual([(await first).eventId]);
    expect((await core.timeline.head(room.room)).extremities.map((event) => event.eventId)).toEqual([
      (await second).eventId,
    ]);
  });

  it('is shown to readers only once it is durable', async () => {
    const senderNid = (await core.names.findUser(sender)) as number;
    const before = await core.heads.find(room.room);
    let during: RoomHead | undefined;
    await core.timeline.write(room.room, async (writer, head) => {
      await core.timeline.appendIn(writer, head, message('one', senderNid));
      during = await core.heads.find(room.room);
    });
    expect(during).toEqual(before);
    expect(await core.heads.find(room.room)).not.toEqual(before);
  });
});
