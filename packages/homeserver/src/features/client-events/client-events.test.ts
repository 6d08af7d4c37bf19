import { describeServers, shiftableRuntime, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, it } from 'vitest';

describeServers((start) => {
  const runtime = shiftableRuntime();
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    server = await start({ runtime });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });

  const eventOf = (client: TestClient, roomId: string, eventId: string): Promise<Json> =>
    client.call('getOneRoomEvent', { params: { roomId, eventId } });

  it('say what the reader was at the time', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    const before = await alice.sendText(roomId, 'before');
    await alice.invite(roomId, bob.userId!);
    const invited = await alice.sendText(roomId, 'invited');
    await bob.joinRoom(roomId);
    const joined = await alice.sendText(roomId, 'joined');
    await bob.leaveRoom(roomId);
    const left = await alice.sendText(roomId, 'left');
    await bob.joinRoom(roomId);
    const seen = await Promise.all([before, invited, joined, left].map((eventId) => eventOf(bob, roomId, eventId)));
    expect(seen.map((event) => event.unsigned.membership)).toEqual(['leave', 'invite', 'join', 'leave']);
    expect((await eventOf(alice, roomId, before)).unsigned.membership).toBe('join');
    // Of a change of one's own membership, what came of it.
    const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'f', limit: 50 } });
    const own = chunk.filter((event: Json) => event.state_key === bob.userId);
    expect(own.map((event: Json) => event.unsigned.membership)).toEqual(['invite', 'join', 'leave', 'join']);
  });

  it('grow older', async () => {
    const roomId = await alice.createRoom();
    const eventId = await alice.sendText(roomId, 'young');
    const { age, origin_server_ts: sentAt } = await eventOf(alice, roomId, eventId).then((event) => ({
      ...event.unsigned,
      ...event,
    }));
    runtime.forward(60_000);
    const older = await eventOf(alice, roomId, eventId);
    expect(older.origin_server_ts).toBe(sentAt);
    expect(older.unsigned.age).toBeGreaterThanOrEqual(age + 60_000);
  });

  it('keep a transaction id for a day', async () => {
    const roomId = await alice.createRoom();
    const params = { roomId, eventType: 'm.room.message', txnId: 'today' };
    const body = { msgtype: 'm.text', body: 'x' };
    const { event_id: eventId } = await alice.call('sendMessage', { params, body });
    expect((await eventOf(alice, roomId, eventId)).unsigned.transaction_id).toBe('today');
    runtime.forward(25 * 3_600_000);
    expect((await eventOf(alice, roomId, eventId)).unsigned).not.toHaveProperty('transaction_id');
  });

  it('name their room, also where the room is named for them', async () => {
    for (const version of ['1', '11', '12']) {
      const roomId = await alice.createRoom({ room_version: version, preset: 'public_chat' });
      const state = await alice.call('getRoomState', { params: { roomId } });
      expect(new Set(state.map((event: Json) => event.room_id))).toEqual(new Set([roomId]));
      const create = state.find((event: Json) => event.type === 'm.room.create');
      const context = await alice.call('getEventContext', { params: { roomId, eventId: create.event_id } });
      expect(context.event.room_id).toBe(roomId);
    }
  });

  it('leave out what only servers need', async () => {
    const roomId = await alice.createRoom({ room_version: '1' });
    const event = await eventOf(alice, roomId, await alice.sendText(roomId, 'x'));
    expect(Object.keys(event).toSorted()).toEqual([
      'content',
      'event_id',
      'origin_server_ts',
      'room_id',
      'sender',
      'type',
      'unsigned',
    ]);
  });

  it("of the old aliases aren't shown", async () => {
    const roomId = await alice.createRoom({ room_version: '5' });
    const eventId = await alice.sendState(roomId, 'm.room.aliases', { aliases: ['#x:test'] }, server.serverName);
    const { chunk } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 5 } });
    expect(chunk.map((event: Json) => event.event_id)).not.toContain(eventId);
    await alice.call('getOneRoomEvent', { params: { roomId, eventId } }, { expect: 'M_NOT_FOUND' });
  });
});
