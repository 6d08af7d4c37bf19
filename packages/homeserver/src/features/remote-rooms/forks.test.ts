import { describeFederations, TestPeer, timelineOf, type Json, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
  });
  afterAll(() => peer.stop());

  it('going back from a sync brings all that came before it, though a fork came late', async () => {
    const bob = await server.registerUser('bob');
    const room = new PeerRoom(peer);
    peer.handler = (request) => room.handle(request);
    const { roomId } = room;
    await bob.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [peer.serverName] }, body: {} });
    const sent: string[] = [];
    for (let i = 0; i < 4; i++) sent.push(await bob.sendText(roomId, `message ${i}`));
    // The other server has seen nothing of it when it sends this one.
    const late = room.make('m.room.message', { msgtype: 'm.text', body: 'late' });
    const body = { origin: peer.serverName, origin_server_ts: 1, pdus: [late.pdu] };
    const answer = await peer.send(server.serverName, 'PUT', '/_matrix/federation/v1/send/fork', { body });
    expect(answer.body).toEqual({ pdus: { [late.eventId]: {} } });
    const last = await bob.sendText(roomId, 'last');
    const sync = await bob.sync({ filter: { room: { timeline: { limit: 2 } } } });
    expect(timelineOf(sync, roomId).map((event) => event.event_id)).toEqual([late.eventId, last]);
    const from = sync.rooms.join[roomId].timeline.prev_batch as string;
    const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: '4', from } });
    expect(chunk.map((event: Json) => event.event_id)).toEqual(sent.toReversed());
  });
});
