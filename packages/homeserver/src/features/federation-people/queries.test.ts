import {
  crossSigningKeysOf,
  describeFederations,
  deviceKeysOf,
  type Json,
  PeerRooms,
  type TestClient,
  TestPeer,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const openDirectory = {
  allow_public_rooms_over_federation: true,
  room_list_publication_rules: [{ action: 'allow' }],
};

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  const aliceId = (): string => alice.userId as string;
  const encoded = encodeURIComponent;

  beforeAll(async () => {
    [server] = (await start(1, { config: openDirectory })) as [TestServer];
    peer = await TestPeer.start();
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());

  describe('the profile of a user, asked for by another server', () => {
    it('whole, and a field of it', async () => {
      await alice.call('setProfileField', {
        params: { userId: aliceId(), keyName: 'displayname' },
        body: { displayname: 'Alice' },
      });
      await alice.call('setProfileField', {
        params: { userId: aliceId(), keyName: 'org.test.colour' },
        body: { 'org.test.colour': 'green' },
      });
      const path = `/v1/query/profile?user_id=${encoded(aliceId())}`;
      expect(await there.get(path)).toEqual({ displayname: 'Alice', 'org.test.colour': 'green' });
      expect(await there.get(`${path}&field=displayname`)).toEqual({ displayname: 'Alice' });
      expect(await there.get(`${path}&field=avatar_url`)).toEqual({});
    });

    it('of nobody, of another server, of what is no user', async () => {
      const ask = (userId: string, expectation: object) =>
        there.get(`/v1/query/profile?user_id=${encoded(userId)}`, expectation);
      await ask(`@nobody:${server.serverName}`, { expect: 'M_NOT_FOUND' });
      await ask(`@bob:${peer.serverName}`, { expect: 'M_UNKNOWN' });
      await ask('@user1:localhost:http', { expect: 'M_INVALID_PARAM' });
    });

    it('is not told where it must not be', async () => {
      const [closed] = (await start(1, { config: { allow_profile_lookup_over_federation: false } })) as [TestServer];
      const carol = await closed.registerUser('carol');
      const path = `/v1/query/profile?user_id=${encoded(carol.userId as string)}`;
      await new PeerRooms(peer, closed).get(path, { expect: 'M_FORBIDDEN' });
    });

    it('other types of queries are not known', async () => {
      await there.get('/v1/query/client_versions', { expect: 'M_UNRECOGNIZED' });
    });
  });

  describe('an alias, asked for by another server', () => {
    it('leads to the room and its servers', async () => {
      const roomId = await alice.createRoom({ room_alias_name: 'here' });
      const answer = await there.get(`/v1/query/directory?room_alias=${encoded(`#here:${server.serverName}`)}`);
      expect(answer).toEqual({ room_id: roomId, servers: [server.serverName] });
    });

    it('that leads nowhere, of another server, that is none', async () => {
      const ask = (alias: string, expectation: object) =>
        there.get(`/v1/query/directory?room_alias=${encoded(alias)}`, expectation);
      await ask(`#nowhere:${server.serverName}`, { expect: 'M_NOT_FOUND' });
      await ask(`#here:${peer.serverName}`, { expect: 'M_UNKNOWN' });
      await ask('here', { expect: 'M_INVALID_PARAM' });
    });
  });

  describe('the list of public rooms, asked for by another server', () => {
    it('in pages, searched, without rooms that other servers may not be in', async () => {
      const open = await alice.createRoom({ visibility: 'public', preset: 'public_chat', name: 'Gardening' });
      await alice.createRoom({
        visibility: 'public',
        preset: 'public_chat',
        name: 'Garden of this server',
        creation_content: { 'm.federate': false },
      });
      const space = await alice.createRoom({
        visibility: 'public',
        preset: 'public_chat',
        name: 'A space',
        creation_content: { type: 'm.space' },
      });
      const ids = (answer: Json): string[] => answer.chunk.map((room: Json) => room.room_id).toSorted();
      expect(ids(await there.get('/v1/publicRooms'))).toEqual([open, space].toSorted());
      const first = await there.get('/v1/publicRooms?limit=1');
      const second = await there.get(`/v1/publicRooms?limit=1&since=${first.next_batch}`);
      expect([...ids(first), ...ids(second)].toSorted()).toEqual([open, space].toSorted());
      const search = async (filter: object) =>
        ids((await there.request('POST', '/v1/publicRooms', { filter } as never)).body);
      expect(await search({ generic_search_term: 'garden' })).toEqual([open]);
      expect(await search({ room_types: ['m.space'] })).toEqual([space]);
    });

    it('is not shown where it must not be', async () => {
      const [closed] = (await start(1)) as [TestServer];
      const asked = new PeerRooms(peer, closed);
      await asked.get('/v1/publicRooms', { expect: 'M_FORBIDDEN' });
      await asked.request('POST', '/v1/publicRooms', {}, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('the devices and keys of a user, asked for by another server', () => {
    it('are those that have keys, with cross-signing keys, without names', async () => {
      const dave = await server.registerUser('dave');
      await server.client().login('dave');
      await dave.call('uploadKeys', { body: { device_keys: deviceKeysOf(dave) } });
      const crossSigning = crossSigningKeysOf(dave).body;
      await dave.call('uploadCrossSigningKeys', { body: crossSigning });
      const userId = dave.userId as string;
      const answer = await there.get(`/v1/user/devices/${encoded(userId)}`);
      expect(answer).toMatchObject({
        user_id: userId,
        stream_id: expect.any(Number),
        master_key: crossSigning.master_key,
        self_signing_key: crossSigning.self_signing_key,
      });
      expect(answer.devices).toEqual([{ device_id: dave.deviceId, keys: deviceKeysOf(dave) }]);
      const query = { device_keys: { [userId]: [], [`@nobody:${server.serverName}`]: [] } };
      const keys = (await there.request('POST', '/v1/user/keys/query', query)).body;
      expect(keys.device_keys[userId]).toEqual({ [dave.deviceId as string]: { ...deviceKeysOf(dave), unsigned: {} } });
      expect(keys.master_keys).toEqual({ [userId]: crossSigning.master_key });
      expect(keys.self_signing_keys).toEqual({ [userId]: crossSigning.self_signing_key });
      expect(keys.user_signing_keys).toBeUndefined();
      expect(keys.device_keys[`@nobody:${server.serverName}`]).toEqual({});
      const other = { device_keys: { [userId]: ['ANOTHER'] } };
      expect((await there.request('POST', '/v1/user/keys/query', other)).body.device_keys).toEqual({ [userId]: {} });
    });

    it('of others than those of this server are not known here', async () => {
      const query = { device_keys: { [there.userId('bob')]: [] } };
      await there.request('POST', '/v1/user/keys/query', query, { expect: 'M_UNKNOWN' });
      await there.get(`/v1/user/devices/${encoded(there.userId('bob'))}`, { expect: 'M_UNKNOWN' });
      await there.get(`/v1/user/devices/nobody`, { expect: 'M_INVALID_PARAM' });
    });

    it('one-time keys are given out once, to whom they are of', async () => {
      const erin = await server.registerUser('erin');
      const key = { key: 'a key', signatures: {} };
      await erin.call('uploadKeys', { body: { one_time_keys: { 'signed_curve25519:A': key } } });
      const userId = erin.userId as string;
      const claim = {
        one_time_keys: {
          [userId]: { [erin.deviceId as string]: 'signed_curve25519' },
          [there.userId('bob')]: { BOB: 'signed_curve25519' },
        },
      };
      const ask = async () => (await there.request('POST', '/v1/user/keys/claim', claim)).body.one_time_keys;
      expect(await ask()).toEqual({ [userId]: { [erin.deviceId as string]: { 'signed_curve25519:A': key } } });
      expect(await ask()).toEqual({});
    });

    it('the names of devices are told where they may be', async () => {
      const [open] = (await start(1, { config: { allow_device_name_lookup_over_federation: true } })) as [TestServer];
      const frank = await open.registerUser('frank');
      await frank.call('updateDevice', {
        params: { deviceId: frank.deviceId as string },
        body: { display_name: 'Frank\'s "phone",{"unsigned":1}' },
      });
      await frank.call('uploadKeys', { body: { device_keys: deviceKeysOf(frank) } });
      const asked = new PeerRooms(peer, open);
      const { devices } = await asked.get(`/v1/user/devices/${encoded(frank.userId as string)}`);
      expect(devices[0]).toEqual({
        device_id: frank.deviceId,
        keys: deviceKeysOf(frank),
        device_display_name: 'Frank\'s "phone",{"unsigned":1}',
      });
    });
  });
});
