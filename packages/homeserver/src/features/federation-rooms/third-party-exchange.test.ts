import {
  roomVersion,
  signEvent,
  signJson,
  SigningKey,
  type JsonObject,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import {
  describeFederations,
  PeerRooms,
  TestPeer,
  type Json,
  type PeerAnswer,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const identityKey = new SigningKey('ed25519:0', new Uint8Array(32).fill(7));
const otherKey = new SigningKey('ed25519:0', new Uint8Array(32).fill(8));
const v11 = roomVersion('11') as RoomVersion;

function bound(mxid: string, token: string, key = identityKey): Json {
  return signJson({ mxid, token }, 'identity.test', key);
}

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let roomId: string;
  let validity: PeerAnswer;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'private_chat', room_version: '11' });
    const content = {
      display_name: 'b…@example.org',
      public_key: identityKey.publicKey,
      key_validity_url: `https://${peer.serverName}/valid`,
      public_keys: [{ public_key: identityKey.publicKey, key_validity_url: `https://${peer.serverName}/valid` }],
    };
    await alice.sendState(roomId, 'm.room.third_party_invite', content, 'token');
    validity = { body: { valid: true } };
    peer.handler = ({ method, url, body }) => {
      if (url.startsWith('/valid?public_key=')) return validity;
      if (method !== 'PUT' || !url.startsWith('/_matrix/federation/v2/invite/')) return undefined;
      const { event } = JSON.parse(body) as { event: Pdu };
      return { body: { event: signEvent(event, v11, peer.serverName, peer.key).event } };
    };
  });

  const memberOf = (userId: string, expectation: Json = {}): Promise<Json> =>
    alice.call(
      'getRoomStateWithKey',
      { params: { roomId, eventType: 'm.room.member', stateKey: userId } },
      expectation,
    );

  describe('an exchange for another server', () => {
    const exchange = (changes: JsonObject, signed: Json, expectation: Json = {}): Promise<Json> =>
      there.put(
        `/v1/exchange_third_party_invite/${encodeURIComponent(roomId)}`,
        {
          type: 'm.room.member',
          room_id: roomId,
          sender: alice.userId as string,
          state_key: there.userId('bob'),
          content: { membership: 'invite', third_party_invite: { signed } },
          ...changes,
        },
        expectation,
      );

    it('invites the user whom the identity server names', async () => {
      await exchange({}, bound(there.userId('bob'), 'token'));
      const member = await memberOf(there.userId('bob'));
      expect(member.membership).toBe('invite');
      expect(member.third_party_invite.display_name).toBe('b…@example.org');
    });

    it('is refused if the key of the identity server does not hold any more, or that cannot be told', async () => {
      const signed = bound(there.userId('bob'), 'token');
      for (const answer of [{ body: { valid: false } }, { body: {} }, { body: 'no' }]) {
        validity = answer;
        await exchange({}, signed, { expect: 'M_FORBIDDEN' });
      }
      for (const answer of [{ status: 500 }, { body: { valid: true, text: 'x'.repeat(10_000) } }]) {
        validity = answer;
        await exchange({}, signed, { expect: 502 });
      }
    });

    it('is refused to all others', async () => {
      const bob = there.userId('bob');
      const good = bound(bob, 'token');
      await exchange({}, bound(bob, 'other'), { expect: 'M_FORBIDDEN' });
      await exchange({}, bound(bob, 'token', otherKey), { expect: 'M_FORBIDDEN' });
      await exchange({}, bound(there.userId('carol'), 'token'), { expect: 'M_INVALID_PARAM' });
      await exchange({ state_key: there.userId('carol') }, good, { expect: 'M_INVALID_PARAM' });
      await exchange({ sender: there.userId('x') }, good, { expect: 'M_FORBIDDEN' });
      await exchange({ type: 'm.room.name' }, good, { expect: 'M_INVALID_PARAM' });
      await exchange({ room_id: '!other:here.test' }, good, { expect: 'M_INVALID_PARAM' });
      await exchange({ content: { membership: 'join', third_party_invite: { signed: good } } }, good, {
        expect: 'M_INVALID_PARAM',
      });
      await memberOf(bob, { expect: 'M_NOT_FOUND' });
    });

    it('of a room that this server is not in is refused', async () => {
      await alice.leaveRoom(roomId);
      await exchange({}, bound(there.userId('bob'), 'token'), { expect: 'M_NOT_FOUND' });
    });
  });

  describe('an identity server that tells of a user of this server', () => {
    const bodyOf = (userId: string, room: string, signed: Json): Json => {
      const address = { medium: 'email', address: 'bob@example.org', mxid: userId };
      const sender = room === roomId ? (alice.userId as string) : there.userId('carol');
      return { ...address, invites: [{ ...address, room_id: room, sender, signed }] };
    };
    const tell = (userId: string, room: string, signed: Json, expectation: Json = {}): Promise<Json> =>
      server
        .client()
        .call('onBindThirdPartyIdentifier@server-server', { body: bodyOf(userId, room, signed) }, expectation);

    it('has them invited', async () => {
      const bob = await server.registerUser(`bob${Math.random().toString(36).slice(2)}`);
      const userId = bob.userId as string;
      await tell(userId, roomId, bound(userId, 'token', otherKey), { expect: 'M_FORBIDDEN' });
      await tell(userId, roomId, bound(userId, 'token'));
      await bob.waitForInvite(roomId);
      expect((await memberOf(userId)).membership).toBe('invite');
    });

    it('has them invited by POST too, as Sydent calls it', async () => {
      const bob = await server.registerUser(`bob${Math.random().toString(36).slice(2)}`);
      const body = bodyOf(bob.userId as string, roomId, bound(bob.userId as string, 'token'));
      await server.client().raw('POST', '/_matrix/federation/v1/3pid/onbind', { body }, { expect: 200 });
      await bob.waitForInvite(roomId);
    });

    it('has it told to a server in the room, if this one is not', async () => {
      const bob = await server.registerUser(`bob${Math.random().toString(36).slice(2)}`);
      const userId = bob.userId as string;
      const room = `!theirs:${peer.serverName}`;
      const asked: Json[] = [];
      peer.handler = ({ url, body }) => {
        if (!url.startsWith('/_matrix/federation/v1/exchange_third_party_invite/')) return undefined;
        asked.push(JSON.parse(body));
        return { body: {} };
      };
      const signed = bound(userId, 'token');
      await tell(userId, room, signed);
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({
        room_id: room,
        sender: there.userId('carol'),
        state_key: userId,
        content: { membership: 'invite', third_party_invite: { signed } },
      });
      peer.handler = () => undefined;
      await tell(userId, room, signed, { expect: 502 });
    });

    it('can name no users but those of this server', async () => {
      for (const userId of [there.userId('bob'), `@nobody:${server.serverName}`])
        await tell(userId, roomId, bound(userId, 'token'), { expect: 'M_FORBIDDEN' });
    });
  });
});
