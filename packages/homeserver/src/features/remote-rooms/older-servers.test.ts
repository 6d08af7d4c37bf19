import { signEvent, type JsonObject, type Pdu } from '@myelin/protocol';
import { describeFederations, TestPeer, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let bob: TestClient;
  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());

  const unknown = { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } };

  it('a server with the older endpoint for joins is joined by that', async () => {
    const room = new PeerRoom(peer, '5');
    peer.handler = (request) => {
      if (request.url.includes('/v2/send_join/')) return unknown;
      if (!request.url.includes('/v1/send_join/')) return room.handle(request);
      const answer = room.joinAnswer();
      return { body: [200, answer.body] };
    };
    const { roomId } = room;
    await bob.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [peer.serverName] }, body: {} });
    expect((await bob.sync()).rooms.join[roomId]).toBeDefined();
  });

  it('invites of a server with the older endpoint for leaving are turned down by that', async () => {
    const room = new PeerRoom(peer, '5');
    const invite = room.make('m.room.member', { membership: 'invite' }, bob.userId!);
    const body = { event: invite.pdu, room_version: '5', invite_room_state: [] };
    const path = `/_matrix/federation/v2/invite/${encodeURIComponent(room.roomId)}/${encodeURIComponent(invite.eventId)}`;
    expect((await peer.send(server.serverName, 'PUT', path, { body })).status).toBe(200);
    await bob.waitForInvite(room.roomId);
    const left: JsonObject[] = [];
    peer.handler = (request) => {
      if (request.url.includes('/make_leave/')) return room.template(bob.userId!, 'leave');
      if (!request.url.includes('/v1/send_leave/')) return unknown;
      left.push(JSON.parse(request.body) as JsonObject);
      return { body: [200, {}] };
    };
    await bob.leaveRoom(room.roomId);
    expect(left).toMatchObject([{ content: { membership: 'leave' }, state_key: bob.userId }]);
  });

  describe('a user of a server with the older endpoint for invites', () => {
    const inviteInto = async (version: string, expectation: object): Promise<void> => {
      const roomId = await bob.createRoom({ room_version: version });
      peer.handler = (request) => {
        if (!request.url.includes('/v1/invite/')) return unknown;
        const { unsigned: _unsigned, ...event } = JSON.parse(request.body) as Pdu;
        const signed = signEvent(event as Pdu, new PeerRoom(peer, version).version, peer.serverName, peer.key);
        return { body: [200, { event: signed.event }] };
      };
      const body = { user_id: `@carol:${peer.serverName}` };
      await bob.call('inviteUser', { params: { roomId }, body }, expectation);
    };

    it('is invited into rooms of the versions that it is for', async () => {
      await inviteInto('2', {});
      await inviteInto('3', { expect: 'M_UNSUPPORTED_ROOM_VERSION' });
    });
  });

  it('rooms that are too large are not joined, but by administrators', async () => {
    const limit = { enabled: true, complexity: 2.5, complexity_error: 'Too large for us', admins_can_join: true };
    const [small] = (await start(1, { config: { limit_remote_rooms: limit } })) as [TestServer];
    const ben = await small.registerUser('ben');
    const admin = await small.registerAdmin('admin');
    const room = new PeerRoom(peer);
    let complexity = 3;
    peer.handler = (request) => {
      if (!request.url.includes('/complexity')) return room.handle(request);
      return request.url.includes('/unstable/') ? { body: { v1: complexity } } : unknown;
    };
    const request = { params: { roomIdOrAlias: room.roomId }, query: { via: [peer.serverName] }, body: {} };
    const refusal = await ben.call('joinRoom', request, { expect: 'M_RESOURCE_LIMIT_EXCEEDED' });
    expect(refusal.error).toBe('Too large for us');
    complexity = 2;
    await ben.call('joinRoom', request);
    const other = new PeerRoom(peer);
    complexity = 3;
    peer.handler = (asked) => (asked.url.includes('/complexity') ? { body: { v1: complexity } } : other.handle(asked));
    await admin.call('joinRoom', { ...request, params: { roomIdOrAlias: other.roomId } });
  });
});
