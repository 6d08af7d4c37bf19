import {
  crossSigningKeysOf,
  describeFederations,
  deviceKeysOf,
  type Json,
  oneTimeKeysOf,
  type PeerAnswer,
  type TestClient,
  TestPeer,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** What a peer answers to what begins so. */
type Answers = Record<string, PeerAnswer | ((url: URL, body: Json) => PeerAnswer | undefined)>;

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let alice: TestClient;
  const bob = (): string => `@bob:${peer.serverName}`;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());
  beforeEach(() => {
    peer.received.length = 0;
    answers({});
  });

  function answers(byPath: Answers): void {
    peer.handler = ({ url, body }) => {
      const parsed = new URL(url, 'https://peer');
      const found = Object.entries(byPath).find(([path]) => parsed.pathname.startsWith(path))?.[1];
      return typeof found === 'function' ? found(parsed, body === '' ? undefined : JSON.parse(body)) : found;
    };
  }
  const asked = (): string[] => peer.received.map(({ url }) => url.split('?', 1)[0] as string);

  describe("the profile of another server's user", () => {
    const path = '/_matrix/federation/v1/query/profile';
    const profile = (expectation = {}) => alice.call('getUserProfile', { params: { userId: bob() } }, expectation);
    const field = (keyName: string, expectation = {}) =>
      alice.call('getProfileField', { params: { userId: bob(), keyName } }, expectation);

    it('whole, and a field of it', async () => {
      const whole = { displayname: 'Bob', avatar_url: null, 'org.test.colour': 'blue' };
      answers({
        [path]: (url) => {
          expect(url.searchParams.get('user_id')).toBe(bob());
          return { body: whole };
        },
      });
      expect(await profile()).toEqual({ displayname: 'Bob', 'org.test.colour': 'blue' });
      expect(await field('displayname')).toEqual({ displayname: 'Bob' });
      await field('avatar_url', { expect: 'M_NOT_FOUND' });
    });

    it('that there is not, that is not told, that can not be had', async () => {
      answers({ [path]: { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'No such user' } } });
      await profile({ expect: 'M_NOT_FOUND' });
      answers({ [path]: { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'Not for you' } } });
      await profile({ expect: 'M_FORBIDDEN' });
      answers({ [path]: { status: 500, body: '<html>' } });
      await profile({ expect: 502 });
      await alice.call('getUserProfile', { params: { userId: '@bob:localhost:1' } }, { expect: 502 });
    });

    it('of wrong shape, or too large, is not passed on', async () => {
      answers({ [path]: { body: ['a list'] } });
      await profile({ expect: 502 });
      answers({ [path]: { body: { displayname: { an: 'object' } } } });
      await profile({ expect: 502 });
      answers({ [path]: { body: { 'org.test.large': 'x'.repeat(100_000) } } });
      await profile({ expect: 502 });
    });
  });

  describe("what clients read as texts of another server's user", () => {
    it('is left out where it is none, of a profile', async () => {
      const whole = { displayname: 'Bob', avatar_url: 'nothing', 'm.tz': ['Europe'], 'org.test.colour': ['blue'] };
      answers({ '/_matrix/federation/v1/query/profile': { body: whole } });
      const found = await alice.call('getUserProfile', { params: { userId: bob() } });
      expect(found).toEqual({ displayname: 'Bob', 'org.test.colour': ['blue'] });
    });
  });

  describe("another server's public rooms", () => {
    const path = '/_matrix/federation/v1/publicRooms';
    const room = (id: string, more: object = {}) => ({
      room_id: id,
      num_joined_members: 3,
      world_readable: false,
      guest_can_join: true,
      join_rule: 'public',
      ...more,
    });

    it('are listed, page by page; what is no room is left out', async () => {
      answers({
        [path]: (url) =>
          url.searchParams.get('since') === 'next'
            ? { body: { chunk: [room('!b:x.test')], prev_batch: 'before' } }
            : {
                body: {
                  chunk: [
                    room('!a:x.test', { name: 'A room', topic: 7, secret: 'of theirs' }),
                    room('no room id'),
                    { room_id: '!c:x.test' },
                    room('!d:x.test', { num_joined_members: -1 }),
                  ],
                  next_batch: 'next',
                  total_room_count_estimate: 2,
                },
              },
      });
      const query = { server: peer.serverName };
      expect(await alice.call('getPublicRooms', { query })).toEqual({
        chunk: [room('!a:x.test', { name: 'A room' })],
        next_batch: 'next',
        total_room_count_estimate: 2,
      });
      const second = await alice.call('getPublicRooms', { query: { ...query, since: 'next' } });
      expect(second).toEqual({ chunk: [room('!b:x.test')], prev_batch: 'before' });
      // For a while, the same question isn't asked again.
      await alice.call('getPublicRooms', { query });
      expect(asked()).toHaveLength(2);
    });

    it('are searched there, or here if that server is too old', async () => {
      const query = { server: peer.serverName };
      const search = (term: string) =>
        alice.call('queryPublicRooms', { query, body: { filter: { generic_search_term: term } } });
      peer.handler = ({ method, body }) =>
        method === 'POST' && JSON.parse(body).filter.generic_search_term === 'new'
          ? { body: { chunk: [room('!new:x.test')] } }
          : method === 'GET'
            ? { body: { chunk: [room('!a:x.test', { name: 'About things' }), room('!b:x.test')] } }
            : undefined;
      expect((await search('new')).chunk).toEqual([room('!new:x.test')]);
      expect((await search('things')).chunk).toEqual([room('!a:x.test', { name: 'About things' })]);
    });

    it('that are not told, can not be had, or are asked for by nobody', async () => {
      const list = (limit: number, expectation: object) =>
        alice.call('getPublicRooms', { query: { server: peer.serverName, limit } }, expectation);
      answers({ [path]: { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'Not for you' } } });
      await list(1, { expect: 'M_FORBIDDEN' });
      answers({ [path]: { body: { chunk: 'none' } } });
      await list(2, { expect: 502 });
      await alice.call('getPublicRooms', { query: { server: 'not a name' } }, { expect: 'M_INVALID_PARAM' });
      await alice.call(
        'getPublicRooms',
        { query: { server: peer.serverName }, token: null },
        { expect: 'M_MISSING_TOKEN' },
      );
    });
  });

  describe("the keys of another server's users", () => {
    const keysPath = '/_matrix/federation/v1/user/keys/query';
    const query = (users: object) => alice.call('queryKeys', { body: { device_keys: users as never } });

    it('are asked for, and only those that are theirs are believed', async () => {
      const owner = { userId: bob(), deviceId: 'PHONE' };
      const signing = crossSigningKeysOf(owner);
      const stolen = deviceKeysOf({ userId: bob(), deviceId: 'STOLEN' });
      answers({
        [keysPath]: {
          body: {
            device_keys: {
              [bob()]: {
                PHONE: { ...deviceKeysOf(owner), unsigned: { device_display_name: 'Phone', more: 'of theirs' } },
                OTHER: deviceKeysOf(owner),
                STOLEN: { ...stolen, keys: { ...(stolen['keys'] as object), 'curve25519:STOLEN': 'changed' } },
                NULL: null,
                ...Object.fromEntries(
                  [{ keys: [] }, { keys: { 'ed25519:X': 1 } }, { algorithms: 'x' }, { signatures: '' }].map(
                    (odd, index) => [
                      `ODD${index}`,
                      { ...deviceKeysOf({ userId: bob(), deviceId: `ODD${index}` }), ...odd } as object,
                    ],
                  ),
                ),
              },
              [alice.userId as string]: { EVIL: deviceKeysOf({ userId: alice.userId, deviceId: 'EVIL' }) },
              [`@carol:${peer.serverName}`]: {
                X: deviceKeysOf({ userId: `@carol:${peer.serverName}`, deviceId: 'X' }),
              },
            },
            master_keys: { [bob()]: signing.body.master_key, [alice.userId as string]: signing.body.master_key },
            self_signing_keys: { [bob()]: { ...signing.body.self_signing_key, signatures: {} } },
          },
        },
      });
      const found = await query({ [bob()]: [] });
      expect(found.failures).toEqual({});
      expect(found.device_keys).toEqual({
        [bob()]: { PHONE: { ...deviceKeysOf(owner), unsigned: { device_display_name: 'Phone' } } },
      });
      expect(found.master_keys).toEqual({ [bob()]: signing.body.master_key });
      // Not signed by the master key.
      expect(found.self_signing_keys).toEqual({});
    });

    it('are asked for with the devices that are wanted', async () => {
      const owner = { userId: bob(), deviceId: 'PHONE' };
      const wanted: Json[] = [];
      answers({
        [keysPath]: (_url, body) => {
          wanted.push(body);
          return {
            body: {
              device_keys: {
                [bob()]: { PHONE: deviceKeysOf(owner), PAD: deviceKeysOf({ ...owner, deviceId: 'PAD' }) },
              },
            },
          };
        },
      });
      const found = await query({ [bob()]: ['PAD'], [alice.userId as string]: [] });
      expect(wanted).toEqual([{ device_keys: { [bob()]: ['PAD'] } }]);
      expect(Object.keys(found.device_keys[bob()])).toEqual(['PAD']);
      expect(found.device_keys[alice.userId as string]).toEqual({});
    });

    it('of servers that fail are failures, and those of others are there', async () => {
      const owner = { userId: bob(), deviceId: 'PHONE' };
      answers({ [keysPath]: { body: { device_keys: { [bob()]: { PHONE: deviceKeysOf(owner) } } } } });
      const dead = 'localhost:1';
      const found = await query({ [bob()]: [], [`@carol:${dead}`]: [] });
      expect(Object.keys(found.device_keys[bob()])).toEqual(['PHONE']);
      expect(found.failures).toEqual({ [dead]: { status: 503, message: expect.any(String) } });
      answers({ [keysPath]: { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'no' } } });
      expect((await query({ [bob()]: [] })).failures).toEqual({
        [peer.serverName]: { status: 403, errcode: 'M_FORBIDDEN' },
      });
      answers({ [keysPath]: { body: { device_keys: 'none' } } });
      expect((await query({ [bob()]: [] })).failures[peer.serverName]).toBeDefined();
    });

    it('one-time keys are passed on: of the devices that were asked for, of the algorithm, one of each', async () => {
      const owner = { userId: bob(), deviceId: 'PHONE' };
      const [keyName, key] = Object.entries(oneTimeKeysOf(owner, ['A']))[0] as [string, Json];
      answers({
        '/_matrix/federation/v1/user/keys/claim': (_url, body) => {
          expect(body).toEqual({
            one_time_keys: { [bob()]: { PHONE: 'signed_curve25519', PAD: 'signed_curve25519' } },
          });
          return {
            body: {
              one_time_keys: {
                [bob()]: {
                  PHONE: { [keyName]: key, 'signed_curve25519:B': key },
                  PAD: { 'curve25519:A': 'unsigned', 'signed_curve25519:C': 7 },
                  STRANGE: { [keyName]: key },
                },
                [alice.userId as string]: { [alice.deviceId as string]: { [keyName]: key } },
                '@x:y': null,
              },
            },
          };
        },
      });
      const body = { one_time_keys: { [bob()]: { PHONE: 'signed_curve25519', PAD: 'signed_curve25519' } } };
      const found = await alice.call('claimKeys', { body });
      expect(found).toEqual({ one_time_keys: { [bob()]: { PHONE: { [keyName]: key } } }, failures: {} });
      answers({});
      expect((await alice.call('claimKeys', { body })).failures).toEqual({
        [peer.serverName]: { status: 404, errcode: 'M_UNRECOGNIZED' },
      });
    });
  });
});
