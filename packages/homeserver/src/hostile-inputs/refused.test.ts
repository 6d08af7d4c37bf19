import { openDatabase, sql } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { describeServers, timelineOf, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

/** What is refused leaves nothing behind; what can't be shown spoils nothing else. */
describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let eve: TestClient;
  beforeAll(async () => {
    server = await start();
    [alice, bob, eve] = (await Promise.all(['alice', 'bob', 'eve'].map((name) => server.registerUser(name)))) as [
      TestClient,
      TestClient,
      TestClient,
    ];
  });

  /** All that a member can know of a room, without what changes by itself. */
  async function whole(client: TestClient, roomId: string): Promise<Json> {
    const params = { roomId };
    const { chunk } = await client.call('getRoomEvents', { params, query: { dir: 'f', limit: 1_000 } });
    const state = await client.call('getRoomState', { params });
    const bare = ({ unsigned: _unsigned, ...event }: Json): Json => event;
    return {
      chunk: chunk.map(bare),
      state: state.map(bare),
      members: await client.call('getJoinedMembersByRoom', { params }),
    };
  }

  describe('an event that is refused', () => {
    it('is in no answer, to nobody, now and after a restart', async () => {
      const own = await start({ onDisk: true });
      const [owner, member, outsider, banned] = (await Promise.all(
        ['owner', 'member', 'outsider', 'banned'].map((name) => own.registerUser(name)),
      )) as [TestClient, TestClient, TestClient, TestClient];
      const roomId = await owner.createRoom({ preset: 'public_chat' });
      for (const client of [member, banned]) await client.joinRoom(roomId);
      const eventId = await owner.sendText(roomId, 'hello');
      await owner.call('ban', { params: { roomId }, body: { user_id: banned.userId } });
      await member.sync();
      const before = await whole(owner, roomId);
      const refused = { expect: 403 } as const;
      const text = { msgtype: 'm.text', body: 'refused' };
      for (const client of [outsider, banned]) {
        await client.call(
          'sendMessage',
          { params: { roomId, eventType: 'm.room.message', txnId: '1' }, body: text },
          refused,
        );
        await client.call(
          'setRoomStateWithKey',
          { params: { roomId, eventType: 'm.room.topic', stateKey: '' }, body: { topic: 'refused' } },
          refused,
        );
        await client.call('redactEvent', { params: { roomId, eventId, txnId: '2' }, body: {} }, refused);
        await client.call('inviteUser', { params: { roomId }, body: { user_id: '@refused:test' } }, refused);
        await client.call('kick', { params: { roomId }, body: { user_id: member.userId } }, refused);
      }
      await banned.call('joinRoom', { params: { roomIdOrAlias: roomId } }, refused);
      await banned.call('knockRoom', { params: { roomIdOrAlias: roomId } }, refused);
      for (const eventType of [
        'm.room.topic',
        'm.room.power_levels',
        'm.room.server_acl',
        'm.room.tombstone',
        'm.room.third_party_invite',
        'org.example',
      ]) {
        const body =
          eventType === 'm.room.server_acl'
            ? { allow: ['*'] }
            : { topic: 'refused', replacement_room: '!refused:test' };
        await member.call('setRoomStateWithKey', { params: { roomId, eventType, stateKey: '' }, body }, refused);
      }
      await member.call('redactEvent', { params: { roomId, eventId, txnId: '3' }, body: {} }, refused);
      await member.call('ban', { params: { roomId }, body: { user_id: owner.userId } }, refused);
      await member.call('upgradeRoom', { params: { roomId }, body: { new_version: '11' } }, refused);
      expect(await whole(owner, roomId)).toEqual(before);
      const news = await member.sync({ since: member.nextBatch });
      expect(timelineOf(news, roomId)).toEqual([]);
      expect(JSON.stringify(await member.sync())).not.toContain('refused');
      await own.restart();
      expect(await whole(owner, roomId)).toEqual(before);
      expect((await outsider.sync()).rooms.join).toEqual({});
    });

    it('may be sent again under its transaction id once it is allowed', async () => {
      const roomId = await alice.createRoom({
        preset: 'public_chat',
        power_level_content_override: { events_default: 50 },
      });
      await bob.joinRoom(roomId);
      const params = { roomId, eventType: 'm.room.message', txnId: 'again' };
      const body = { msgtype: 'm.text', body: 'hello' };
      await bob.call('sendMessage', { params, body }, { expect: 403 });
      const levels = await alice.call('getRoomStateWithKey', {
        params: { roomId, eventType: 'm.room.power_levels', stateKey: '' },
      });
      await alice.sendState(roomId, 'm.room.power_levels', { ...levels, events_default: 0 });
      const { event_id } = await bob.call('sendMessage', { params, body });
      expect((await bob.call('sendMessage', { params, body })).event_id).toBe(event_id);
    });
  });

  describe('a room that can not be made', () => {
    const eventType = 'org.example';
    const cases: readonly (readonly [what: string, body: object])[] = [
      ['state of too great a size', { initial_state: [{ type: eventType, content: { value: 'x'.repeat(70_000) } }] }],
      ['state of another user', { initial_state: [{ type: eventType, state_key: '@bob:test', content: {} }] }],
      ['numbers that there are not', { initial_state: [{ type: eventType, content: { value: 1.5 } }] }],
      ['a second create event', { initial_state: [{ type: 'm.room.create', state_key: '', content: {} }] }],
      [
        'members of its own',
        { initial_state: [{ type: 'm.room.member', state_key: '@bob:test', content: { membership: 'join' } }] },
      ],
      [
        'levels that shut its maker out',
        { power_level_content_override: { users: { '@eve:test': 100 }, state_default: 101 }, room_version: '11' },
      ],
      ['levels that are none', { power_level_content_override: { users: [] } }],
      ['a name of too great a size', { name: 'x'.repeat(70_000) }],
      ['a user who is none', { invite: ['bob'] }],
      ['a user of a name too long', { invite: [`@${'x'.repeat(300)}:test`] }],
      ['oneself', { invite: ['@alice:test'] }],
    ];
    it.each(cases)('for %s, leaves no alias, no entry in the directory, no invite', async (_what, body) => {
      await bob.sync();
      const before = [await alice.call('getJoinedRooms'), (await alice.call('getPublicRooms')).chunk.length];
      const all = { room_alias_name: 'never', visibility: 'public', invite: ['@bob:test'], ...body };
      await alice.call('createRoom', { body: all }, { expect: [400, 403, 413] });
      expect([await alice.call('getJoinedRooms'), (await alice.call('getPublicRooms')).chunk.length]).toEqual(before);
      await alice.call('getRoomIdByAlias', { params: { roomAlias: '#never:test' } }, { expect: 404 });
      expect((await bob.sync({ since: bob.nextBatch })).rooms?.invite ?? {}).toEqual({});
    });

    it('for an alias that is taken, leaves neither', async () => {
      const roomId = await alice.createRoom({ room_alias_name: 'taken' });
      await bob.call('createRoom', { body: { room_alias_name: 'taken', name: 'second' } }, { expect: 'M_ROOM_IN_USE' });
      expect((await bob.call('getRoomIdByAlias', { params: { roomAlias: '#taken:test' } })).room_id).toBe(roomId);
    });
  });

  describe('pages with nothing to show', () => {
    it('lead on to what there is to see', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const first = await alice.sendText(roomId, 'first');
      await eve.joinRoom(roomId);
      await Promise.all(Array.from({ length: 700 }, (_, n) => eve.sendText(roomId, `noise ${n}`)));
      await bob.joinRoom(roomId);
      const params = { userId: bob.userId!, type: 'm.ignored_user_list' };
      await bob.call('setAccountData', { params, body: { ignored_users: { [eve.userId!]: {} } } });
      for (const query of [{}, { filter: JSON.stringify({ types: ['m.room.message'], not_senders: [eve.userId] }) }]) {
        let from: string | undefined;
        let found = false;
        for (let pages = 0; pages < 100 && !found; pages += 1) {
          const answer = await bob.call('getRoomEvents', {
            params: { roomId },
            query: { ...query, dir: 'b', limit: 10, ...(from ? { from } : {}) },
          });
          found = answer.chunk.some((event: Json) => event.event_id === first);
          expect(JSON.stringify(answer.chunk)).not.toContain('noise');
          from = answer.end;
          if (!found) expect(from).toBeTypeOf('string');
        }
        expect(found).toBe(true);
      }
      await bob.call('setAccountData', { params, body: {} });
    });

    it('of redacted events only are pages all the same', async () => {
      const roomId = await alice.createRoom();
      for (let n = 0; n < 20; n += 1) {
        const eventId = await alice.sendText(roomId, 'gone');
        await alice.call('redactEvent', { params: { roomId, eventId, txnId: alice.nextTransaction() }, body: {} });
      }
      const { chunk } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 40 } });
      expect(chunk).toHaveLength(40);
      expect(JSON.stringify(chunk)).not.toContain('gone');
      await alice.sync();
    });
  });

  it('a room whose data is damaged is missing from a sync, and no other', async () => {
    const own = await start({ onDisk: true });
    const client = await own.registerUser('client');
    const [healthy, damaged] = [
      await client.createRoom({ name: 'healthy' }),
      await client.createRoom({ name: 'damaged' }),
    ];
    await client.sync();
    await own.restart({}, async () => {
      const database = await openDatabase(own.config.database as Parameters<typeof openDatabase>[0], systemRuntime);
      await database.transact(async (writer) => {
        const room = await writer.get<{ nid: number }>(sql`SELECT nid FROM room_names WHERE room_id = ${damaged}`);
        await writer.run(sql`UPDATE events SET json = ${'{"content":'} WHERE room = ${room!.nid}`);
      });
      await database.close();
    });
    const initial = await client.sync();
    expect(Object.keys(initial.rooms.join)).toContain(healthy);
    await client.sendText(healthy, 'still here');
    const next = await client.sync({ since: initial.next_batch });
    expect(timelineOf(next, healthy).at(-1).content.body).toBe('still here');
    await client.call('getRoomEvents', { params: { roomId: damaged }, query: { dir: 'b' } }, { expect: 'any' });
    await client.call('getTokenOwner');
  });
});
