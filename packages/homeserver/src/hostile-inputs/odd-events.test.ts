import { roomVersions } from '@myelin/protocol';
import { describeServers, timelineOf, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { oddMessages, oddMessageTypes, oddRelations, oddStates, oddStateTypes } from './testing/odd-contents.ts';
import { harmless, readEverything } from './testing/read-everything.ts';

/** The most lenient and the strictest; `every` is for short tests. */
const versions = ['1', '12'];
const every = roomVersions.map(({ id }) => id);

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  let users = 0;
  /** New ones, who are in no other rooms. */
  const meetNewUsers = async (): Promise<void> => {
    users += 1;
    const names = ['alice', 'bob', 'carol'].map((name) => `${name}${users}`);
    [alice, bob, carol] = (await Promise.all(names.map((name) => server.registerUser(name)))) as [
      TestClient,
      TestClient,
      TestClient,
    ];
  };
  beforeAll(async () => {
    server = await start();
  });

  const send = (client: TestClient, roomId: string, eventType: string, body: unknown) =>
    client.send(
      'sendMessage',
      { params: { roomId, eventType, txnId: client.nextTransaction() }, body },
      { expect: harmless },
    );
  const setState = (client: TestClient, roomId: string, eventType: string, body: unknown, stateKey = '') =>
    client.send('setRoomStateWithKey', { params: { roomId, eventType, stateKey }, body }, { expect: harmless });
  const stateOf = (roomId: string, eventType: string) =>
    alice.send('getRoomStateWithKey', { params: { roomId, eventType, stateKey: '' } }, { expect: [200, 404] });

  describe.each(versions)('in rooms of version %s', (room_version) => {
    beforeEach(meetNewUsers);

    it.each(oddStateTypes)(
      'odd contents of %s as state spoil nothing for those who are in, come or are asked in',
      async (type) => {
        const roomId = await alice.createRoom({ room_version, preset: 'public_chat', visibility: 'public' });
        await bob.joinRoom(roomId);
        await bob.sync();
        const sent: string[] = [];
        let before = (await stateOf(roomId, type)).text;
        for (const content of oddStates(type)) {
          const answer = await setState(alice, roomId, type, content);
          // Taken as it is, or refused and nothing of it kept.
          const after = (await stateOf(roomId, type)).text;
          expect(after).toBe(answer.status === 200 ? JSON.stringify(sorted(content)) : before);
          before = after;
          if (answer.status === 200) sent.push(answer.body.event_id);
          if (sent.length % 4 === 0) await bob.sync({ since: bob.nextBatch });
        }
        await alice.call('inviteUser', { params: { roomId }, body: { user_id: carol.userId } }, { expect: harmless });
        const healthy = await alice.createRoom({ invite: [carol.userId!] });
        expect((await readEverything(carol, roomId, sent.slice(-1))).rooms.invite).toHaveProperty([healthy]);
        await carol.call('joinRoom', { params: { roomIdOrAlias: roomId } }, { expect: harmless });
        for (const client of [alice, bob, carol]) await readEverything(client, roomId, sent.slice(-2));
        for (const client of [bob, carol]) await client.call('leaveRoom', { params: { roomId } }, { expect: harmless });
        await carol.leaveRoom(healthy);
        for (const client of [alice, bob, carol]) await readEverything(client, roomId, sent.slice(-1));
      },
    );

    it('odd contents of messages spoil nothing', async () => {
      const roomId = await alice.createRoom({ room_version, preset: 'public_chat' });
      await bob.joinRoom(roomId);
      const first = await alice.sendText(roomId, 'first');
      await bob.sync();
      const contents = [
        ...oddMessageTypes.flatMap((type) => oddMessages(type).map((content) => [type, content] as const)),
        ...oddRelations(first).flatMap((relation) =>
          ['m.room.message', 'm.reaction'].map(
            (type) => [type, { msgtype: 'm.text', body: 'x', 'm.relates_to': relation }] as const,
          ),
        ),
      ];
      const sent: string[] = [];
      for (const [type, content] of contents) {
        const answer = await send(alice, roomId, type, content);
        if (answer.status === 200) sent.push(answer.body.event_id);
      }
      await bob.sync({ since: bob.nextBatch });
      await readEverything(bob, roomId, [first, ...sent.filter((_, i) => i % 5 === 0)]);
      // No message became state, and none counts as a redaction of another.
      const state = await alice.call('getRoomState', { params: { roomId } });
      expect(
        state.map((event: { event_id: string }) => event.event_id).filter((id: string) => sent.includes(id)),
      ).toEqual([]);
      expect((await alice.call('getOneRoomEvent', { params: { roomId, eventId: first } })).content).toMatchObject({
        body: 'first',
      });
      const last = await alice.sendText(roomId, 'last');
      expect(timelineOf(await bob.sync(), roomId).at(-1).event_id).toBe(last);
    });
  });

  describe.each(every)('in a room of version %s', (room_version) => {
    const isStrict = Number(room_version) >= 6;
    let roomId: string;
    beforeAll(async () => {
      await meetNewUsers();
      roomId = await alice.createRoom({ room_version, preset: 'public_chat' });
      await bob.joinRoom(roomId);
    });

    it('there is no second create event, by whichever door', async () => {
      for (const client of [alice, bob]) {
        expect((await setState(client, roomId, 'm.room.create', { room_version, creator: client.userId })).status).toBe(
          400,
        );
        expect((await setState(client, roomId, 'm.room.create', {}, 'other')).status).toBe(400);
        expect((await send(client, roomId, 'm.room.create', { room_version })).status).toBe(400);
      }
      const given = [{ type: 'm.room.create', state_key: '', content: { room_version, creator: bob.userId } }];
      const before = await alice.call('getJoinedRooms');
      await alice.call('createRoom', { body: { room_version, initial_state: given } }, { expect: [400, 403] });
      expect(await alice.call('getJoinedRooms')).toEqual(before);
    });

    it('nobody writes the membership of others but as the rules let them', async () => {
      const member = (client: TestClient, membership: unknown, target = carol.userId!) =>
        setState(client, roomId, 'm.room.member', { membership }, target);
      for (const membership of ['join', 'knock', 'JOIN', '', null, 1, ['join'], { join: true }]) {
        expect([400, 403], JSON.stringify(membership)).toContain((await member(alice, membership)).status);
      }
      expect((await member(bob, 'ban', alice.userId)).status).toBe(403);
      expect((await member(bob, 'leave', alice.userId)).status).toBe(403);
      for (const target of [
        '',
        'carol',
        '@',
        '@carol',
        '#carol:test',
        `@${'x'.repeat(300)}:test`,
        '@carol:test\u0000',
        '@carol:test@',
      ]) {
        expect([400, 403, 413], JSON.stringify(target)).toContain((await member(alice, 'invite', target)).status);
      }
      expect([400, 403]).toContain((await send(bob, roomId, 'm.room.member', { membership: 'join' })).status);
      // State keys that are user ids are their user's alone.
      expect((await setState(alice, roomId, 'org.example.own', {}, bob.userId)).status).toBe(403);
      const { joined } = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(Object.keys(joined).toSorted()).toEqual([alice.userId, bob.userId]);
    });

    it('nobody lets themself in in the name of others', async () => {
      const content = { membership: 'join', join_authorised_via_users_server: alice.userId };
      await alice.sendState(roomId, 'm.room.join_rules', { join_rule: 'invite' });
      expect((await setState(carol, roomId, 'm.room.member', content, carol.userId)).status).toBe(403);
      await carol.call('joinRoom', { params: { roomIdOrAlias: roomId }, body: content }, { expect: 'M_FORBIDDEN' });
      await alice.sendState(roomId, 'm.room.join_rules', { join_rule: 'public' });
      // Who is in may change what they are called, and stays who they are.
      const answer = await setState(bob, roomId, 'm.room.member', { ...content, displayname: 'Bob' }, bob.userId);
      if (answer.status === 200) {
        const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId: answer.body.event_id } });
        expect(event.content).not.toHaveProperty('join_authorised_via_users_server');
      }
    });

    it('numbers are what the version takes', async () => {
      // 2^53+1, more than a double holds, a fraction, an exponent.
      for (const number of ['9007199254740993', `1${'0'.repeat(400)}`, '1e400', '1.5', '-0.5', '1e-7']) {
        const bytes = `{"value":${number}}`;
        const params = { roomId, eventType: 'org.example.number', txnId: alice.nextTransaction() };
        const answer = await alice.send(
          'sendMessage',
          { params, bytes },
          { expect: isStrict ? 'M_BAD_JSON' : harmless },
        );
        if (answer.status !== 200) continue;
        const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId: answer.body.event_id } });
        expect(event.content.value, number).toBeTypeOf('number');
      }
      for (const number of ['9007199254740991', '-9007199254740991', '0', '-0', '1.0', '1e3']) {
        const params = { roomId, eventType: 'org.example.number', txnId: alice.nextTransaction() };
        const { event_id } = await alice.call('sendMessage', { params, bytes: `{"value":${number}}` });
        const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId: event_id } });
        expect(event.content.value + 0).toBe(JSON.parse(number) + 0);
      }
      await readEverything(bob, roomId);
    });

    it('sizes are counted in bytes of canonical JSON', async () => {
      // In JSON as sent these are larger than 64 KiB; in canonical JSON they aren't: escapes and spaces go.
      const spaced = `{"msgtype":"m.text","body":"${'\\u0061'.repeat(20_000)}"${' '.repeat(60_000)}}`;
      const params = () => ({ roomId, eventType: 'm.room.message', txnId: alice.nextTransaction() });
      await alice.call('sendMessage', { params: params(), bytes: spaced });
      // And these are smaller as counted in characters.
      await alice.call(
        'sendMessage',
        { params: params(), body: { msgtype: 'm.text', body: 'ü'.repeat(33_000) } },
        { expect: 'M_TOO_LARGE' },
      );
      const line = { msgtype: 'm.text', body: '\u0001'.repeat(11_000) };
      await alice.call('sendMessage', { params: params(), body: line }, { expect: 'M_TOO_LARGE' });
      for (const long of ['x'.repeat(256), 'ü'.repeat(128)]) {
        expect((await send(alice, roomId, long, {})).status).toBe(413);
        expect((await setState(alice, roomId, 'org.example.long', {}, long)).status).toBe(413);
      }
      await alice.sendState(roomId, 'ü'.repeat(127), {}, 'ü'.repeat(127));
      await readEverything(bob, roomId);
    });

    it('content nested as deeply as a body may be comes back; deeper is refused', async () => {
      const nested = (depth: number) => `{"value":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      const params = () => ({ roomId, eventType: 'org.example.deep', txnId: alice.nextTransaction() });
      const { event_id } = await alice.call('sendMessage', { params: params(), bytes: nested(150) });
      for (const depth of [1_000, 30_000])
        await alice.call('sendMessage', { params: params(), bytes: nested(depth) }, { expect: 'M_BAD_JSON' });
      await alice.call('setRoomStateWithKey', {
        params: { roomId, eventType: 'org.example.deep', stateKey: '' },
        bytes: nested(150),
      });
      await readEverything(bob, roomId, [event_id]);
    });

    it('times are those of the server, whatever the client says', async () => {
      for (const ts of ['-1', '0', '1', '9007199254740991', '9223372036854775808', 'x', '1.5']) {
        const params = { roomId, eventType: 'm.room.message', txnId: alice.nextTransaction() };
        const answer = await alice.send(
          'sendMessage',
          { params, query: { ts }, body: { msgtype: 'm.text', body: ts } },
          { expect: [200, 400] },
        );
        if (answer.status !== 200) continue;
        const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId: answer.body.event_id } });
        expect(Math.abs(event.origin_server_ts - Date.now())).toBeLessThan(60_000);
      }
      for (const [ts, dir] of [
        ['0', 'f'],
        ['9007199254740991', 'b'],
        ['9007199254740993', 'b'],
        ['-1', 'f'],
        ['x', 'f'],
        ['0', 'x'],
      ]) {
        await alice.call(
          'getEventByTimestamp',
          { params: { roomId }, query: { ts, dir } },
          { expect: [200, 400, 404] },
        );
      }
    });

    it('members of the event that are not its content are not taken from the client', async () => {
      const content = {
        room_id: '!other:test',
        sender: alice.userId,
        event_id: '$forged',
        origin_server_ts: 1,
        depth: 2 ** 53 - 1,
        prev_events: [],
        auth_events: [],
        signatures: {},
        hashes: {},
        unsigned: { age: -1 },
        state_key: '',
        type: 'm.room.create',
      };
      const answer = await send(bob, roomId, 'org.example.forged', content);
      const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId: answer.body.event_id } });
      expect(event).toMatchObject({ sender: bob.userId, type: 'org.example.forged', room_id: roomId, content });
      expect(event).not.toHaveProperty('state_key');
    });
  });
});

/** As canonical JSON orders it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
