import type { JsonValue } from '@myelin/protocol';
import { describeFederations, PeerRooms, TestPeer, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const encoded = encodeURIComponent;

/** Server-Server API §"Server Access Control Lists (ACLs)": each operation that must be protected, and some that we add. */
describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let roomId: string;
  let eventId: string;
  let bob: string;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
    await server.registerUser('carol');
    bob = there.userId('bob');
    roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
    await there.join(roomId, bob);
    eventId = await alice.sendText(roomId, 'hello');
  });
  afterAll(() => peer.stop());

  type Ask = () => readonly [method: string, path: string, body?: JsonValue];
  const template = (operation: string): Ask => {
    return () => ['GET', `/v1/make_${operation}/${encoded(roomId)}/${encoded(bob)}?ver=11`];
  };
  const handIn = (version: string, operation: string, membership: string): Ask => {
    return () => {
      const { eventId: id, event } = member(bob, membership);
      return ['PUT', `/${version}/send_${operation}/${encoded(roomId)}/${encoded(id)}`, event];
    };
  };
  const member = (target: string, membership: string) =>
    there.sign(
      {
        type: 'm.room.member',
        room_id: roomId,
        sender: bob,
        state_key: target,
        content: { membership },
        depth: 10,
        origin_server_ts: Date.now(),
        prev_events: [eventId],
        auth_events: [eventId],
      },
      '11',
    );
  const invite = (version: string): Ask => {
    return () => {
      const { eventId: id, event } = member(`@carol:${server.serverName}`, 'invite');
      const body = version === 'v1' ? event : { event, room_version: '11', invite_room_state: [] };
      return ['PUT', `/${version}/invite/${encoded(roomId)}/${encoded(id)}`, body];
    };
  };
  const at = (operation: string): Ask => {
    return () => ['GET', `/v1/${operation}/${encoded(roomId)}?event_id=${encoded(eventId)}`];
  };
  const missing: Ask = () => [
    'POST',
    `/v1/get_missing_events/${encoded(roomId)}`,
    { earliest_events: [], latest_events: [eventId], limit: 1 },
  ];
  const exchange: Ask = () => {
    const signed = { mxid: bob, token: 'x', signatures: {} };
    const content = { membership: 'invite', third_party_invite: { signed } };
    const body = { type: 'm.room.member', room_id: roomId, sender: bob, state_key: bob, content };
    return ['PUT', `/v1/exchange_third_party_invite/${encoded(roomId)}`, body];
  };

  const operations: Record<string, Ask> = {
    make_join: template('join'),
    make_leave: template('leave'),
    make_knock: template('knock'),
    'send_join, v1': handIn('v1', 'join', 'join'),
    'send_join, v2': handIn('v2', 'join', 'join'),
    'send_leave, v1': handIn('v1', 'leave', 'leave'),
    'send_leave, v2': handIn('v2', 'leave', 'leave'),
    send_knock: handIn('v1', 'knock', 'knock'),
    'invite, v1': invite('v1'),
    'invite, v2': invite('v2'),
    state: at('state'),
    state_ids: at('state_ids'),
    event: () => ['GET', `/v1/event/${encoded(eventId)}`],
    event_auth: () => ['GET', `/v1/event_auth/${encoded(roomId)}/${encoded(eventId)}`],
    backfill: () => ['GET', `/v1/backfill/${encoded(roomId)}?v=${encoded(eventId)}&limit=1`],
    get_missing_events: missing,
    timestamp_to_event: () => ['GET', `/v1/timestamp_to_event/${encoded(roomId)}?ts=0&dir=f`],
    exchange_third_party_invite: exchange,
  };

  const shutOut = /shut out of this room by its access control list/;
  async function errorOf(name: string): Promise<string | undefined> {
    const [method, path, body] = operations[name]!();
    const { body: answer } = await there.request(method, path, body, { expect: [200, 400, 403, 404] });
    return answer.error as string | undefined;
  }

  describe('a server that a room shuts out', () => {
    it('was let in before', async () => {
      for (const name of ['make_join', 'make_leave', 'state', 'state_ids', 'event', 'event_auth', 'backfill'])
        expect(await errorOf(name), name).toBeUndefined();
      for (const name of ['make_knock', 'send_knock', 'invite, v2', 'exchange_third_party_invite'])
        expect(await errorOf(name), name).not.toMatch(shutOut);
    });

    it.each(Object.keys(operations))('is refused %s', async (name) => {
      await alice.sendState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['127.0.0.1'] });
      expect(await errorOf(name)).toMatch(shutOut);
    });
  });
});
