import {
  describeFederations,
  PeerRooms,
  shiftableRuntime,
  TestPeer,
  type Json,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let roomId: string;
  let bob: string;
  /** Of the peer, in no room. */
  let stranger: string;
  let transactions = 0;
  const runtime = shiftableRuntime();

  beforeAll(async () => {
    [server] = (await start(1, { runtime, config: { presence: { last_active_granularity: 200 } } })) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
    roomId = await alice.createRoom({ preset: 'public_chat' });
    bob = there.userId('bob');
    stranger = there.userId('stranger');
    await there.join(roomId, bob);
    await alice.sync();
  });
  afterAll(() => peer.stop());

  const send = (type: string, ...contents: Json[]): Promise<Json> =>
    there.put(`/v1/send/${++transactions}`, {
      origin: peer.serverName,
      origin_server_ts: Date.now(),
      pdus: [],
      edus: contents.map((content) => ({ edu_type: type, content })),
    });
  const ephemeral = (answer: Json, type: string): Json =>
    answer.rooms?.join?.[roomId]?.ephemeral?.events.find((event: Json) => event.type === type)?.content;
  /** What a sync shows once all that was sent is through: a receipt that can't be missed comes last. */
  const settled = async (): Promise<Json> => {
    const { event_id: eventId } = await alice.call('sendMessage', {
      params: { roomId, eventType: 'm.room.message', txnId: `t${++transactions}` },
      body: { msgtype: 'm.text', body: 'news' },
    });
    await send('m.receipt', receiptOf(bob, eventId));
    const answers: Json[] = [];
    await alice.syncUntil((answer) => {
      answers.push(answer);
      return ephemeral(answer, 'm.receipt')?.[eventId]?.['m.read']?.[bob] !== undefined;
    });
    return answers;
  };
  const receiptOf = (userId: string, eventId: string, data: object = { ts: 1_000 }, room = roomId): Json => ({
    [room]: { 'm.read': { [userId]: { event_ids: [eventId], data } } },
  });
  const message = async (): Promise<string> =>
    (
      await alice.call('sendMessage', {
        params: { roomId, eventType: 'm.room.message', txnId: `t${++transactions}` },
        body: { msgtype: 'm.text', body: 'hello' },
      })
    ).event_id;

  describe('typing', () => {
    const typing = (userId: string, isTyping = true, room = roomId): Json => ({
      room_id: room,
      user_id: userId,
      typing: isTyping,
    });

    it('of users of other servers is shown, and ends', async () => {
      await send('m.typing', typing(bob));
      await alice.syncUntil((answer) => ephemeral(answer, 'm.typing')?.user_ids.includes(bob));
      await send('m.typing', typing(bob, false));
      await alice.syncUntil((answer) => ephemeral(answer, 'm.typing')?.user_ids.length === 0);
    });

    it('of others than their own, outside of their rooms, of wrong shape, says nothing', async () => {
      await send(
        'm.typing',
        typing(alice.userId as string),
        typing(stranger),
        typing(bob, true, '!nowhere:x.test'),
        { room_id: roomId, user_id: bob },
        { room_id: [roomId], user_id: bob, typing: true },
        { room_id: roomId, user_id: '@bob', typing: true },
      );
      const answers = await settled();
      expect(answers.filter((answer: Json) => ephemeral(answer, 'm.typing'))).toEqual([]);
    });
  });

  it('what is endless beside what counts is not looked at, and what comes with it is', async () => {
    const typing = { room_id: roomId, user_id: bob, typing: true };
    await send(
      'm.typing',
      { ...typing, more: Array.from({ length: 100_000 }, () => 0) },
      { ...typing, more: 'x'.repeat(4_000_001) },
    );
    expect((await settled()).filter((answer: Json) => ephemeral(answer, 'm.typing'))).toEqual([]);
    await send('m.typing', { ...typing, more: Array.from({ length: 90_000 }, () => 0) });
    await alice.syncUntil((answer) => ephemeral(answer, 'm.typing')?.user_ids.includes(bob));
    await send('m.typing', { ...typing, typing: false });
    await alice.syncUntil((answer) => ephemeral(answer, 'm.typing')?.user_ids.length === 0);
  });

  describe('receipts', () => {
    it('of users of other servers are shown', async () => {
      const eventId = await message();
      await send('m.receipt', receiptOf(bob, eventId));
      const answer = await alice.syncUntil((each) => ephemeral(each, 'm.receipt')?.[eventId]);
      expect(ephemeral(answer, 'm.receipt')[eventId]).toEqual({ 'm.read': { [bob]: { ts: 1_000 } } });
    });

    it('do not go backwards, and stand in their thread', async () => {
      const [first, second] = [await message(), await message()];
      await send('m.receipt', receiptOf(bob, second), receiptOf(bob, first));
      await send('m.receipt', receiptOf(bob, first, { ts: 5, thread_id: 'main' }));
      const answer = await alice.syncUntil((each) => ephemeral(each, 'm.receipt')?.[first]);
      expect(ephemeral(answer, 'm.receipt')[first]['m.read'][bob]).toEqual({ ts: 5, thread_id: 'main' });
      const whole = await server.client().login('alice');
      const all = ephemeral(await whole.sync(), 'm.receipt');
      expect(all[second]['m.read'][bob]).toEqual({ ts: 1_000 });
    });

    it('of others than their own, for other rooms, of threads that are not, of wrong shape, say nothing', async () => {
      const eventId = await message();
      const closed = await alice.createRoom();
      await send(
        'm.receipt',
        receiptOf(alice.userId as string, eventId),
        receiptOf(stranger, eventId),
        receiptOf(bob, eventId, { ts: 1 }, closed),
        receiptOf(bob, eventId, { ts: 1 }, '!nowhere:x.test'),
        receiptOf(bob, eventId, { ts: 1, thread_id: '$nothing' }),
        receiptOf(bob, eventId, { ts: 1, thread_id: 7 }),
        receiptOf(bob, `$${'x'.repeat(1_000)}`),
        receiptOf(bob, 7 as never),
        { [roomId]: { 'm.read': { [bob]: { event_ids: [], data: {} } }, 'm.read.private': { [bob]: {} } } },
        { [roomId]: { 'm.read.private': { [bob]: { event_ids: [eventId], data: { ts: 1 } } } } },
        { [roomId]: null },
      );
      const answers = await settled();
      expect(answers.map((answer: Json) => ephemeral(answer, 'm.receipt')?.[eventId]).filter(Boolean)).toEqual([]);
      const seen = answers.flatMap((answer: Json) => Object.values(answer.rooms?.join ?? {}));
      expect(JSON.stringify(seen)).not.toContain('m.read.private');
    });
  });

  describe('presence', () => {
    const presenceOf = (answer: Json, userId: string): Json =>
      answer.presence?.events.find((event: Json) => event.sender === userId)?.content;

    it('of users of other servers is shown to those who share a room', async () => {
      const push = {
        user_id: bob,
        presence: 'online',
        last_active_ago: 500,
        currently_active: true,
        status_msg: 'here',
      };
      await send('m.presence', { push: [push] });
      const answer = await alice.syncUntil((each) => presenceOf(each, bob)?.status_msg === 'here');
      expect(presenceOf(answer, bob)).toMatchObject({ presence: 'online', currently_active: true });
      const params = { userId: bob };
      expect(await alice.call('getPresence', { params })).toMatchObject({ presence: 'online', status_msg: 'here' });
      const carol = await server.registerUser('carol');
      await carol.call('getPresence', { params }, { expect: 'M_FORBIDDEN' });
      await send('m.presence', { push: [{ user_id: bob, presence: 'unavailable', last_active_ago: 5 }] });
      await alice.syncUntil((each) => presenceOf(each, bob)?.presence === 'unavailable');
      // Nobody has said for long that they are there.
      runtime.forward(31 * 60_000);
      await alice.syncUntil((each) => presenceOf(each, bob)?.presence === 'offline');
    });

    it('is remembered over a restart, and believed no longer than without one', async () => {
      const time = shiftableRuntime();
      const [own] = (await start(1, { runtime: time, onDisk: true })) as [TestServer];
      const carol = await own.registerUser('carol');
      const room = await carol.createRoom({ preset: 'public_chat' });
      const theirs = new PeerRooms(peer, own);
      const dora = theirs.userId('dora');
      await theirs.join(room, dora);
      const push = { user_id: dora, presence: 'unavailable', last_active_ago: 1_000, status_msg: 'kept' };
      await theirs.put(`/v1/send/${++transactions}`, {
        origin: peer.serverName,
        origin_server_ts: Date.now(),
        pdus: [],
        edus: [{ edu_type: 'm.presence', content: { push: [push] } }],
      });
      await carol.syncUntil((each) => presenceOf(each, dora)?.presence === 'unavailable');
      await own.restart();
      expect(presenceOf(await carol.sync(), dora)).toMatchObject({ presence: 'unavailable', status_msg: 'kept' });
      time.forward(31 * 60_000);
      await carol.syncUntil((each) => presenceOf(each, dora)?.presence === 'offline');
      await own.restart();
      const params = { userId: dora };
      expect((await carol.call('getPresence', { params })).last_active_ago).toBeGreaterThan(31 * 60_000);
    });

    it('of others than their own, of strangers, of wrong shape, says nothing', async () => {
      await alice.sync();
      const push = (userId: string, more: object = {}): Json => ({
        user_id: userId,
        presence: 'online',
        last_active_ago: 0,
        status_msg: 'forged',
        ...more,
      });
      await send(
        'm.presence',
        { push: [push(alice.userId as string), push(stranger), push(bob, { presence: 'dancing' }), null, 7] },
        { push: 'all' },
        { push: [{ ...push(bob), user_id: [bob] }] },
        {},
      );
      const answers = await settled();
      expect(JSON.stringify(answers)).not.toContain('forged');
      expect(await alice.call('getPresence', { params: { userId: bob } })).toMatchObject({ presence: 'offline' });
    });

    it('of odd numbers and endless texts does no harm', async () => {
      const push = { user_id: bob, presence: 'online', last_active_ago: -5, status_msg: 'x'.repeat(60_000) };
      await send('m.presence', { push: [push] });
      const answer = await alice.syncUntil((each) => presenceOf(each, bob)?.presence === 'online');
      expect(presenceOf(answer, bob).status_msg.length).toBeLessThan(5_000);
    });
  });

  describe('messages to devices', () => {
    const to = (userId: string, deviceId: string, content: Json, more: object = {}): Json => ({
      sender: bob,
      type: 'm.test',
      message_id: `m${++transactions}`,
      messages: { [userId]: { [deviceId]: content } },
      ...more,
    });
    const received = async (client: TestClient): Promise<Json[]> => {
      const found: Json[] = [];
      await client.syncUntil((answer) => {
        found.push(...(answer.to_device?.events ?? []));
        return found.some((event) => event.content.last === true);
      });
      return found.filter((event) => event.content.last !== true);
    };
    const last = (): Json => to(alice.userId as string, '*', { last: true });

    it('of users of other servers are delivered, once whatever is repeated', async () => {
      const laptop = await server.client().login('alice');
      await laptop.sync();
      const content = { n: 1 };
      const once = to(alice.userId as string, alice.deviceId as string, content);
      await send('m.direct_to_device', once, once);
      await send('m.direct_to_device', once, to(alice.userId as string, '*', { n: 2 }), last());
      const event = (n: number): Json => ({ sender: bob, type: 'm.test', content: { n } });
      expect(await received(alice)).toEqual([event(1), event(2)]);
      expect(await received(laptop)).toEqual([event(2)]);
      // It is remembered over transactions of other names, and the peer's users may be strangers.
      await send('m.direct_to_device', once, to(alice.userId as string, '*', { n: 3 }, { sender: stranger }), last());
      expect(await received(alice)).toEqual([{ ...event(3), sender: stranger }]);
    });

    it('of others than their own, to others, of wrong shape, are dropped alone', async () => {
      const own = alice.userId as string;
      const device = alice.deviceId as string;
      await send(
        'm.direct_to_device',
        to(own, device, { n: 1 }, { sender: own }),
        to(own, device, { n: 2 }, { sender: '@bob:other.test' }),
        to(own, device, { n: 3 }, { message_id: 7 }),
        to(own, device, { n: 4 }, { type: null }),
        to(own, device, { n: 5 }, { message_id: 'x'.repeat(1_000) }),
        to(own, device, { n: 6, text: 'x'.repeat(70_000) }),
        to('@nobody:elsewhere.test', device, { n: 7 }),
        to(own, 'NODEVICE', { n: 8 }),
        to(own, device, 'text' as never),
        to(own, device, { n: 10 }, { messages: [] }),
        to(own, device, { n: 11 }),
        last(),
      );
      expect((await received(alice)).map((event) => event.content.n)).toEqual([11]);
    });
  });

  it('a server that is shut out of a room says nothing in it', async () => {
    const acl = { allow: ['*'], deny: ['127.0.0.1'], allow_ip_literals: true };
    await alice.call('setRoomStateWithKey', {
      params: { roomId, eventType: 'm.room.server_acl', stateKey: '' },
      body: acl,
    });
    const eventId = await message();
    await send('m.typing', { room_id: roomId, user_id: bob, typing: true });
    await send('m.receipt', receiptOf(bob, eventId));
    await send('m.direct_to_device', {
      sender: bob,
      type: 'm.test',
      message_id: 'through',
      messages: { [alice.userId as string]: { '*': { last: true } } },
    });
    const answers: Json[] = [];
    await alice.syncUntil((answer) => {
      answers.push(answer);
      return answer.to_device?.events.length > 0;
    });
    expect(answers.filter((answer) => ephemeral(answer, 'm.typing') || ephemeral(answer, 'm.receipt'))).toEqual([]);
  });
});
