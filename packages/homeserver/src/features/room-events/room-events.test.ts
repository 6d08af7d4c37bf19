import { redactEventWithoutTransaction, sendMessageWithoutTransaction } from '@myelin/api';
import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let stranger: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start({ config: { allow_guest_access: true } });
    [alice, bob, stranger] = (await Promise.all(
      ['alice', 'bob', 'stranger'].map((name) => server.registerUser(name)),
    )) as [TestClient, TestClient, TestClient];
    roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
    await bob.joinRoom(roomId);
  });

  const text = (body: string): object => ({ msgtype: 'm.text', body });
  const send = (
    client: TestClient,
    room: string,
    eventType: string,
    txnId: string,
    body: unknown,
    expectation = {},
  ): Promise<Json> => client.call('sendMessage', { params: { roomId: room, eventType, txnId }, body }, expectation);
  const setState = (
    client: TestClient,
    room: string,
    eventType: string,
    body: unknown,
    expectation = {},
    stateKey = '',
  ): Promise<Json> =>
    client.call('setRoomStateWithKey', { params: { roomId: room, eventType, stateKey }, body }, expectation);
  const eventOf = (client: TestClient, eventId: string, room = roomId): Promise<Json> =>
    client.call('getOneRoomEvent', { params: { roomId: room, eventId } });

  describe('transaction ids', () => {
    it('make one event a device and path', async () => {
      const { event_id: first } = await send(alice, roomId, 'm.room.message', 'same', text('once'));
      expect(await send(alice, roomId, 'm.room.message', 'same', text('twice'))).toEqual({ event_id: first });
      const otherRoom = await alice.createRoom();
      const otherDevice = await server.client().login('alice');
      const others = [
        await send(alice, roomId, 'org.example.thing', 'same', {}),
        await send(alice, otherRoom, 'm.room.message', 'same', text('elsewhere')),
        await send(otherDevice, roomId, 'm.room.message', 'same', text('from elsewhere')),
      ].map((answer) => answer.event_id);
      expect(new Set([first, ...others]).size).toBe(4);
    });

    it('hold for requests at the same time', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => send(alice, roomId, 'm.room.message', 'parallel', text('once'))),
      );
      expect(new Set(answers.map((answer) => answer.event_id)).size).toBe(1);
    });

    it('are told to the device that sent the event, to nobody else', async () => {
      const { event_id: eventId } = await send(alice, roomId, 'm.room.message', 'mine', text('mine'));
      expect((await eventOf(alice, eventId)).unsigned.transaction_id).toBe('mine');
      const otherDevice = await server.client().login('alice');
      expect((await eventOf(otherDevice, eventId)).unsigned).not.toHaveProperty('transaction_id');
      expect((await eventOf(bob, eventId)).unsigned).not.toHaveProperty('transaction_id');
    });

    it('are not needed on the old paths, which then send each time', async () => {
      const params = { roomId, eventType: 'm.room.message' };
      const first = await alice.call(sendMessageWithoutTransaction, { params, body: text('again') });
      const second = await alice.call(sendMessageWithoutTransaction, { params, body: text('again') });
      expect(second.event_id).not.toBe(first.event_id);
      await stranger.call(sendMessageWithoutTransaction, { params, body: text('no') }, { expect: 'M_FORBIDDEN' });
      const redaction = await alice.call(redactEventWithoutTransaction, {
        params: { roomId, eventId: first.event_id },
        body: {},
      });
      expect((await eventOf(alice, first.event_id)).unsigned.redacted_because.event_id).toBe(redaction.event_id);
      await bob.call(
        redactEventWithoutTransaction,
        { params: { roomId, eventId: second.event_id }, body: {} },
        { expect: 'M_FORBIDDEN' },
      );
    });
  });

  describe('who is not in a room', () => {
    it('can send nothing, and is not told whether there is such a room', async () => {
      const refusals = [
        await send(stranger, roomId, 'm.room.message', 'a', text('no'), { expect: 'M_FORBIDDEN' }),
        await send(stranger, '!nowhere:test', 'm.room.message', 'a', text('no'), { expect: 'M_FORBIDDEN' }),
        await setState(stranger, roomId, 'm.room.topic', { topic: 'no' }, { expect: 'M_FORBIDDEN' }),
        await setState(stranger, '!nowhere:test', 'm.room.topic', { topic: 'no' }, { expect: 'M_FORBIDDEN' }),
      ];
      expect(new Set(refusals.map((refusal) => refusal.error)).size).toBe(1);
    });

    it('can send nothing after leaving', async () => {
      const carol = await server.registerUser('carol');
      await carol.joinRoom(roomId);
      const { event_id: eventId } = await send(carol, roomId, 'm.room.message', 'before', text('I was here'));
      await carol.leaveRoom(roomId);
      await send(carol, roomId, 'm.room.message', 'after', text('still here'), { expect: 'M_FORBIDDEN' });
      // The answer to what was sent before stands.
      expect(await send(carol, roomId, 'm.room.message', 'before', text('I was here'))).toEqual({ event_id: eventId });
    });
  });

  it('guests send into rooms that they may join', async () => {
    const open = await alice.createRoom({
      preset: 'private_chat',
      initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'public' } }],
    });
    const guest = await server.client().registerGuest();
    await guest.joinRoom(open);
    const eventId = await guest.sendText(open, 'a guest');
    expect((await eventOf(alice, eventId, open)).content.body).toBe('a guest');
  });

  describe('content', () => {
    it.each<[string, unknown, string]>([
      ['m.room.message', [], 'M_BAD_JSON'],
      ['m.room.message', { msgtype: 'm.text' }, 'M_BAD_JSON'],
      ['m.room.message', { msgtype: 5, body: 'x' }, 'M_BAD_JSON'],
      ['m.room.message', { msgtype: 'm.text', body: 'x', 'm.mentions': [] }, 'M_BAD_JSON'],
      ['m.room.message', { msgtype: 'm.text', body: 'x', 'm.mentions': { user_ids: [1] } }, 'M_BAD_JSON'],
      ['m.room.message', { msgtype: 'm.text', body: 'x', 'm.mentions': { room: 'yes' } }, 'M_BAD_JSON'],
      ['org.example.thing', { value: 1.5 }, 'M_BAD_JSON'],
      ['org.example.thing', { value: 2 ** 53 }, 'M_BAD_JSON'],
      ['org.example.thing', { value: 'x'.repeat(66_000) }, 'M_TOO_LARGE'],
      ['x'.repeat(256), {}, 'M_TOO_LARGE'],
      ['m.room.member', { membership: 'join' }, 'M_BAD_JSON'],
      ['m.room.topic', { topic: 'not as a message' }, 'M_BAD_JSON'],
      ['m.room.create', {}, 'M_BAD_JSON'],
      ['m.call.invite', {}, 'M_FORBIDDEN'],
    ])('%s %j is refused', async (type, content, code) => {
      await send(alice, roomId, type.slice(0, 300), `refused-${type.length}`, content, { expect: code });
    });

    it.each<[string, unknown, string]>([
      ['m.room.name', { name: 5 }, 'M_BAD_JSON'],
      ['m.room.topic', {}, 'M_BAD_JSON'],
      ['m.room.tombstone', {}, 'M_BAD_JSON'],
      ['m.room.server_acl', { allow: ['*'], deny: ['test'] }, 'M_BAD_JSON'],
      ['m.room.power_levels', { users: { '@alice:test': '100' } }, 'M_BAD_JSON'],
      ['m.room.power_levels', { users: [] }, 'M_BAD_JSON'],
      ['m.room.power_levels', { ban: 1.5 }, 'M_BAD_JSON'],
      ['m.room.create', { room_version: '11' }, 'M_BAD_JSON'],
      ['org.example.thing', [], 'M_BAD_JSON'],
      ['org.example.thing', { value: 'x'.repeat(66_000) }, 'M_TOO_LARGE'],
    ])('as state %s %j is refused', async (type, content, code) => {
      await setState(alice, roomId, type, content, { expect: code });
    });

    it('of a tombstone does not name its own room', async () => {
      await setState(
        alice,
        roomId,
        'm.room.tombstone',
        { body: 'x', replacement_room: roomId },
        { expect: 'M_BAD_JSON' },
      );
    });

    it('may have odd numbers where the room version allows them', async () => {
      const old = await alice.createRoom({ room_version: '5' });
      const { event_id: eventId } = await send(alice, old, 'org.example.thing', 'float', { value: 1.5 });
      expect((await eventOf(alice, eventId, old)).content).toEqual({ value: 1.5 });
    });

    it('comes back as it was sent', async () => {
      const content = { 'z\u0000': '\u0000', ['__proto__']: { a: [null, true, -0, 2 ** 53 - 1] }, '😀': 'ü\u2028' };
      const body = JSON.stringify(content).replace('-0', '0');
      const { event_id: eventId } = (
        await server.client({}).raw(
          'PUT',
          `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/org.example.thing/odd`,
          {
            bytes: body,
            token: alice.accessToken!,
          },
          { expect: 200 },
        )
      ).body;
      expect((await eventOf(bob, eventId)).content).toEqual(JSON.parse(body));
    });
  });

  describe('state', () => {
    it('that is set again the same makes no event', async () => {
      const first = await setState(alice, roomId, 'org.example.state', { value: 1 }, {}, 'key');
      expect(await setState(alice, roomId, 'org.example.state', { value: 1 }, {}, 'key')).toEqual(first);
      const changed = await setState(alice, roomId, 'org.example.state', { value: 2 }, {}, 'key');
      const event = await eventOf(bob, changed.event_id);
      expect(event).toMatchObject({
        state_key: 'key',
        unsigned: { prev_content: { value: 1 }, replaces_state: first.event_id },
      });
    });

    it('may leave out an empty state key', async () => {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/org.example.empty`;
      const { body } = await alice.raw('PUT', path, { body: { value: 1 } }, { expect: 200 });
      expect(await alice.raw('PUT', `${path}/`, { body: { value: 1 } }, { expect: 200 })).toMatchObject({ body });
      expect((await alice.raw('GET', path, {}, { expect: 200 })).body).toEqual({ value: 1 });
    });

    it('needs the power level, and the state key of a user needs that user', async () => {
      await setState(bob, roomId, 'm.room.topic', { topic: 'no' }, { expect: 'M_FORBIDDEN' });
      await setState(alice, roomId, 'org.example.state', {}, { expect: 'M_FORBIDDEN' }, bob.userId);
      await setState(alice, roomId, 'org.example.state', {}, { expect: 'M_TOO_LARGE' }, 'x'.repeat(256));
    });

    it('of power levels keeps within the own ones', async () => {
      const levels = await alice.call('getRoomStateWithKey', {
        params: { roomId, eventType: 'm.room.power_levels', stateKey: '' },
      });
      await setState(alice, roomId, 'm.room.power_levels', {
        ...levels,
        users: { ...levels.users, [bob.userId!]: 50 },
      });
      await setState(bob, roomId, 'm.room.topic', { topic: 'by a moderator' });
      await setState(
        bob,
        roomId,
        'm.room.power_levels',
        { ...levels, users: { [bob.userId!]: 100 } },
        { expect: 'M_FORBIDDEN' },
      );
    });
  });
});
