import {
  crossSigningKeysOf,
  describeFederations,
  deviceKeysOf,
  type Json,
  PeerRooms,
  shiftableRuntime,
  type TestClient,
  TestPeer,
  type TestServer,
} from '@myelin/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const devicesPath = '/_matrix/federation/v1/user/devices/';
const keysPath = '/_matrix/federation/v1/user/keys/query';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let roomId: string;
  let bob: string;
  let transactions = 0;
  /** What the peer answers about bob: his devices by id, and the number of his last change. */
  let devices: Record<string, Json>;
  let streamId: number;
  let signing: Json;
  let isDown: boolean;
  let asked: string[];
  const runtime = shiftableRuntime();

  beforeEach(async () => {
    [server] = (await start(1, { runtime, onDisk: true })) as [TestServer];
    peer = await TestPeer.start();
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
    roomId = await alice.createRoom({ preset: 'public_chat' });
    bob = there.userId('bob');
    devices = { PHONE: keysOf('PHONE') };
    streamId = 10;
    signing = {};
    isDown = false;
    asked = [];
    peer.handler = ({ url, body }) => {
      const path = url.split('?', 1)[0] as string;
      if (!path.startsWith(devicesPath) && path !== keysPath) return undefined;
      asked.push(path.startsWith(devicesPath) ? 'devices' : 'keys');
      if (isDown) return { status: 404, body: { errcode: 'M_FORBIDDEN', error: 'not now' } };
      if (path.startsWith(devicesPath)) {
        const list = Object.entries(devices).map(([id, keys]) => ({ device_id: id, keys }));
        return { body: { user_id: bob, stream_id: streamId, devices: list, ...signing } };
      }
      const users = Object.keys(JSON.parse(body).device_keys);
      return { body: { device_keys: Object.fromEntries(users.map((user) => [user, user === bob ? devices : {}])) } };
    };
  });
  afterEach(() => peer.stop());

  const keysOf = (deviceId: string, userId = bob): Json => deviceKeysOf({ userId, deviceId });
  const send = (type: string, ...contents: Json[]): Promise<Json> =>
    there.put(`/v1/send/${++transactions}`, {
      origin: peer.serverName,
      origin_server_ts: Date.now(),
      pdus: [],
      edus: contents.map((content) => ({ edu_type: type, content })),
    });
  const update = (deviceId: string, id: number, prev: Json, more: object = { keys: keysOf(deviceId) }): Json => ({
    user_id: bob,
    device_id: deviceId,
    stream_id: id,
    prev_id: prev,
    ...more,
  });
  const query = async (userId = bob): Promise<Json> =>
    alice.call('queryKeys', { body: { device_keys: { [userId]: [] } } });
  const known = async (): Promise<string[]> => Object.keys((await query()).device_keys[bob] ?? {}).toSorted();
  /** Waits until alice is told that bob's devices changed. */
  const told = (): Promise<Json> => alice.syncUntil((answer) => answer.device_lists?.changed.includes(bob));

  describe('the devices of a user with whom a room is shared', () => {
    beforeEach(async () => {
      await alice.sync();
      await there.join(roomId, bob);
      await told();
    });

    it('are asked for once, and kept', async () => {
      expect(await known()).toEqual(['PHONE']);
      expect(await known()).toEqual(['PHONE']);
      await alice.call('queryKeys', { body: { device_keys: { [bob]: ['PHONE'] } } });
      expect(asked).toEqual(['devices']);
      await server.restart();
      expect(await known()).toEqual(['PHONE']);
      expect(asked).toEqual(['devices']);
    });

    it('change as their server tells it, one after another', async () => {
      await known();
      await send(
        'm.device_list_update',
        update('TABLET', 11, [10], { keys: keysOf('TABLET'), device_display_name: 'T' }),
      );
      await told();
      const found = (await query()).device_keys[bob];
      expect(Object.keys(found).toSorted()).toEqual(['PHONE', 'TABLET']);
      expect(found.TABLET.unsigned).toEqual({ device_display_name: 'T' });
      await send('m.device_list_update', update('PHONE', 12, [11], { deleted: true }));
      await told();
      expect(await known()).toEqual(['TABLET']);
      expect(asked).toEqual(['devices']);
    });

    it('are asked for again when an update is missing, and told when they are there', async () => {
      await known();
      devices = { PHONE: keysOf('PHONE'), TABLET: keysOf('TABLET'), DESK: keysOf('DESK') };
      streamId = 13;
      await send('m.device_list_update', update('DESK', 13, [12]));
      await told();
      expect(asked).toEqual(['devices', 'devices']);
      expect(await known()).toEqual(['DESK', 'PHONE', 'TABLET']);
      // What is in the list already says nothing new, what comes then goes on from it.
      await send('m.device_list_update', update('DESK', 13, [12]), update('NEW', 14, [13]));
      await told();
      expect(await known()).toEqual(['DESK', 'NEW', 'PHONE', 'TABLET']);
      expect(asked).toEqual(['devices', 'devices']);
    });

    it('are asked for until they are had, also after a restart; what was known is shown meanwhile', async () => {
      await known();
      isDown = true;
      await send('m.device_list_update', update('TABLET', 20, [19]));
      await vi.waitFor(() => expect(asked.length).toBeGreaterThan(1));
      const meanwhile = await query();
      expect(Object.keys(meanwhile.device_keys[bob])).toEqual(['PHONE']);
      expect(meanwhile.failures[peer.serverName]).toBeDefined();
      isDown = false;
      devices['TABLET'] = keysOf('TABLET');
      streamId = 20;
      runtime.forward(10 * 60_000);
      await server.restart();
      await told();
      asked = [];
      expect(await known()).toEqual(['PHONE', 'TABLET']);
      expect(asked).toEqual([]);
    });

    it('are asked for again when a device asks for keys that nobody has told of', async () => {
      await known();
      devices['NEW'] = keysOf('NEW');
      await send('m.direct_to_device', {
        sender: bob,
        type: 'm.room_key_request',
        message_id: 'm1',
        messages: { [alice.userId as string]: { '*': { action: 'request', requesting_device_id: 'NEW' } } },
      });
      await told();
      expect(await known()).toEqual(['NEW', 'PHONE']);
    });

    it('have cross-signing keys, which change as their server tells it', async () => {
      const first = crossSigningKeysOf({ userId: bob, deviceId: '' }, 'first').body;
      const second = crossSigningKeysOf({ userId: bob, deviceId: '' }, 'second').body;
      signing = { master_key: first.master_key, self_signing_key: first.self_signing_key };
      const keys = async (): Promise<Json[]> => {
        const { master_keys: masters, self_signing_keys: selfSigning } = await query();
        return [masters[bob], selfSigning[bob]];
      };
      expect(await keys()).toEqual([first.master_key, first.self_signing_key]);
      await send('m.signing_key_update', {
        user_id: bob,
        master_key: second.master_key,
        self_signing_key: second.self_signing_key,
      });
      await told();
      expect(await keys()).toEqual([second.master_key, second.self_signing_key]);
      // Of a master key that isn't there any more.
      await send('org.matrix.signing_key_update', { user_id: bob, self_signing_key: first.self_signing_key });
      await send('m.device_list_update', update('X', 11, [10]));
      await told();
      expect(await keys()).toEqual([second.master_key, second.self_signing_key]);
      expect(asked).toEqual(['devices']);
    });

    it('are forgotten when the last common room is left', async () => {
      await known();
      await alice.call('leaveRoom', { params: { roomId } });
      await vi.waitFor(async () => {
        asked = [];
        await known();
        expect(asked).toEqual(['keys']);
      });
      const left = await alice.sync({ since: alice.nextBatch });
      expect(left.device_lists?.left ?? []).toEqual([bob]);
    });

    it('of many are asked for together', async () => {
      const others = Array.from({ length: 6 }, (_none, n) => there.userId(`other${n}`));
      for (const other of others) await there.join(roomId, other);
      const ask = () =>
        alice.call('queryKeys', { body: { device_keys: Object.fromEntries([bob, ...others].map((id) => [id, []])) } });
      expect(Object.keys((await ask()).device_keys)).toHaveLength(7);
      await ask();
      expect(asked).toEqual(['keys']);
      // Where their updates go on isn't known then: the first one makes the list be asked for.
      await send('m.device_list_update', update('PHONE', 10, [9]));
      await vi.waitFor(() => expect(asked).toEqual(['keys', 'devices']));
    });
  });

  describe('updates that mean no good', () => {
    beforeEach(async () => {
      await there.join(roomId, bob);
      await known();
      asked = [];
    });

    it('of users of others, of strangers, of wrong shape, change nothing', async () => {
      const own = alice.userId as string;
      await alice.call('uploadKeys', { body: { device_keys: deviceKeysOf(alice) } });
      const before = await query(own);
      const stranger = there.userId('stranger');
      await send(
        'm.device_list_update',
        { ...update('EVIL', 11, [10]), user_id: own },
        { ...update('EVIL', 11, [10]), user_id: '@carol:elsewhere.test' },
        { ...update('EVIL', 11, [10]), user_id: stranger },
        { ...update('EVIL', 11, [10]), device_id: 7 },
        { ...update('EVIL', 11, [10]), device_id: 'x'.repeat(1_000) },
        { ...update('EVIL', 11, [10]), stream_id: 'eleven' },
        { user_id: bob },
      );
      await send('m.signing_key_update', {
        user_id: own,
        master_key: crossSigningKeysOf({ userId: own, deviceId: '' }).body.master_key,
      });
      expect(await query(own)).toEqual(before);
      expect(await known()).toEqual(['PHONE']);
      expect(asked).toEqual([]);
    });

    it('with keys of another device make the list be asked for', async () => {
      await send('m.device_list_update', update('TABLET', 11, [10], { keys: keysOf('PHONE') }));
      await vi.waitFor(() => expect(asked).toContain('devices'));
      expect(await known()).toEqual(['PHONE']);
    });

    it('in floods cost few questions', async () => {
      const flood = Array.from({ length: 100 }, (_none, n) => update(`D${n}`, 1_000 + n, [5_000 + n]));
      await send('m.device_list_update', ...flood.slice(0, 50));
      await send('m.device_list_update', ...flood.slice(50));
      await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
      await known();
      expect(asked.length).toBeLessThan(10);
    });

    it('with more devices than anybody has are not kept', async () => {
      devices = Object.fromEntries(
        Array.from({ length: 1_200 }, (_none, n) => [`D${n}`, { ...keysOf('D'), device_id: `D${n}`, signatures: {} }]),
      );
      streamId = 30;
      await send('m.device_list_update', update('D1', 30, [29]));
      await vi.waitFor(async () => expect((await known()).length).toBeGreaterThan(1), 10_000);
      expect((await known()).length).toBeLessThanOrEqual(1_000);
    });
  });
});
