import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let number = 0;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => {
    alice = await server.registerUser(`alice${++number}`, 'secret');
  });

  function auth(user: TestClient = alice, text = 'secret'): object {
    return { type: 'm.login.password', identifier: { type: 'm.id.user', user: user.userId }, password: text };
  }

  function another(): Promise<TestClient> {
    return server.client().login(alice.userId!, 'secret');
  }

  async function ids(user: TestClient): Promise<string[]> {
    return (await user.call('getDevices')).devices.map((device: { device_id: string }) => device.device_id);
  }

  test('a device is shown with its name and where it was seen', async () => {
    const before = Date.now();
    const device = await alice.call('getDevice', { params: { deviceId: alice.deviceId! } });
    expect(device).toMatchObject({
      device_id: alice.deviceId,
      last_seen_ip: '127.0.0.1',
      last_seen_ts: expect.any(Number),
    });
    expect(device.last_seen_ts).toBeGreaterThanOrEqual(before);
    expect((await alice.call('getDevices')).devices).toEqual([device]);
  });

  test('what was seen is kept when the server stops', async () => {
    const runtime = shiftableRuntime();
    const own = await start({ onDisk: true, runtime });
    const user = await own.registerUser('seen');
    const seen = (await user.call('getDevice', { params: { deviceId: user.deviceId! } })).last_seen_ts;
    const other = await own.client().login('seen');
    await own.restart();
    expect((await other.call('getDevice', { params: { deviceId: user.deviceId! } })).last_seen_ts).toBe(seen);
  });

  test('other users and unknown ids are not found', async () => {
    const bob = await server.registerUser(`bob${number}`);
    await bob.call('getDevice', { params: { deviceId: alice.deviceId! } }, { expect: 404 });
    await alice.call('getDevice', { params: { deviceId: 'unknown' } }, { expect: 404 });
    await alice.call('updateDevice', { params: { deviceId: 'unknown' }, body: { display_name: 'x' } }, { expect: 404 });
    await bob.call(
      'updateDevice',
      { params: { deviceId: alice.deviceId! }, body: { display_name: 'x' } },
      { expect: 404 },
    );
  });

  test('a device gets a name', async () => {
    const params = { deviceId: alice.deviceId! };
    await alice.call('updateDevice', { params, body: { display_name: 'Laptop' } });
    expect(await alice.call('getDevice', { params })).toMatchObject({ display_name: 'Laptop' });
    await alice.call('updateDevice', { params, body: {} });
    await alice.call('updateDevice', { params, body: { display_name: null } });
    expect(await alice.call('getDevice', { params })).toMatchObject({ display_name: 'Laptop' });
    await alice.call('updateDevice', { params, body: { display_name: 'x'.repeat(101) } }, { expect: 'M_TOO_LARGE' });
    await alice.call('updateDevice', { params, body: { display_name: 7 } }, { expect: 400 });
  });

  describe('deleting a device', () => {
    test('asks who one is, and logs the device out', async () => {
      const other = await another();
      const params = { deviceId: other.deviceId! };
      const asked = await alice.call('deleteDevice', { params }, { expect: 401 });
      expect(asked).toMatchObject({
        session: expect.any(String),
        flows: [{ stages: ['m.login.password'] }],
        params: {},
      });
      const wrong = await alice.call(
        'deleteDevice',
        { params, body: { auth: { ...auth(alice, 'guess'), session: asked.session } } },
        { expect: 401 },
      );
      expect(wrong).toMatchObject({ errcode: 'M_FORBIDDEN', session: asked.session });
      await alice.call('deleteDevice', { params, body: { auth: { ...auth(), session: asked.session } } });
      await alice.call('getDevice', { params }, { expect: 404 });
      await other.call('getTokenOwner', {}, { expect: 'M_UNKNOWN_TOKEN' });
    });

    test('works in one request', async () => {
      const other = await another();
      await alice.call('deleteDevice', { params: { deviceId: other.deviceId! }, body: { auth: auth() } });
      expect(await ids(alice)).toEqual([alice.deviceId]);
    });

    test("isn't done by another user's password", async () => {
      const bob = await server.registerUser(`bob${number}`, 'bobs secret');
      const other = await another();
      const params = { deviceId: other.deviceId! };
      await alice.call('deleteDevice', { params, body: { auth: auth(bob, 'bobs secret') } }, { expect: 403 });
      await other.call('getTokenOwner');
    });

    test('only deletes the device that the session is for', async () => {
      const [one, two] = [await another(), await another()];
      const { session } = await alice.call('deleteDevice', { params: { deviceId: one.deviceId! } }, { expect: 401 });
      const body = { auth: { ...auth(), session } };
      await alice.call('deleteDevice', { params: { deviceId: two.deviceId! }, body }, { expect: 'M_FORBIDDEN' });
      await alice.call('deleteDevices', { body: { ...body, devices: [one.deviceId] } }, { expect: 'M_FORBIDDEN' });
      await alice.call('deactivateAccount', { body }, { expect: 'M_FORBIDDEN' });
      await two.call('deleteDevice', { params: { deviceId: one.deviceId! }, body });
      expect(await ids(alice)).toEqual([alice.deviceId, two.deviceId]);
    });

    test("isn't done twice with one session", async () => {
      const other = await another();
      const params = { deviceId: other.deviceId! };
      const { session } = await alice.call('deleteDevice', { params }, { expect: 401 });
      await alice.call('deleteDevice', { params, body: { auth: { ...auth(), session } } });
      await alice.call('deleteDevice', { params, body: { auth: { ...auth(), session } } }, { expect: 400 });
    });

    test('of this session logs it out', async () => {
      await alice.call('deleteDevice', { params: { deviceId: alice.deviceId! }, body: { auth: auth() } });
      await alice.call('getTokenOwner', {}, { expect: 'M_UNKNOWN_TOKEN' });
    });

    test('that is not there is no error', async () => {
      await alice.call('deleteDevice', { params: { deviceId: 'unknown' }, body: { auth: auth() } });
    });
  });

  describe('deleting several devices', () => {
    test('logs them all out, and passes over those that are not there', async () => {
      const [one, two, three] = [await another(), await another(), await another()];
      const devices = [one.deviceId, two.deviceId, 'unknown'];
      const { session } = await alice.call('deleteDevices', { body: { devices } }, { expect: 401 });
      await alice.call(
        'deleteDevices',
        { body: { devices: [...devices, three.deviceId], auth: { ...auth(), session } } },
        { expect: 'M_FORBIDDEN' },
      );
      await alice.call('deleteDevices', { body: { devices, auth: { ...auth(), session } } });
      expect(await ids(alice)).toEqual([alice.deviceId, three.deviceId]);
    });

    test("can't reach another user's", async () => {
      const bob = await server.registerUser(`bob${number}`);
      await alice.call('deleteDevices', { body: { devices: [bob.deviceId], auth: auth() } });
      await bob.call('getTokenOwner');
    });

    test('needs a list', async () => {
      await alice.call('deleteDevices', { body: { auth: auth() } }, { expect: 400 });
      await alice.call('deleteDevices', { body: { devices: 'x', auth: auth() } }, { expect: 400 });
      await alice.call('deleteDevices', { body: { devices: [], auth: auth() } });
    });
  });

  test('with ui_auth.session_timeout a proof holds for a while, for devices only', async () => {
    const runtime = shiftableRuntime();
    const own = await start({ runtime, config: { ui_auth: { session_timeout: '10m' } } });
    const user = await own.registerUser('user', 'secret');
    const [one, two] = [await own.client().login('user', 'secret'), await own.client().login('user', 'secret')];
    // Who has just registered has just proved it.
    await user.call('deleteDevice', { params: { deviceId: one.deviceId! } });
    await user.call('deactivateAccount', { body: {} }, { expect: 401 });
    await user.call('changePassword', { body: { new_password: 'x' } }, { expect: 401 });
    runtime.forward(10 * 60_000);
    await user.call('deleteDevices', { body: { devices: [two.deviceId] } }, { expect: 401 });
    await user.call('deleteDevices', {
      body: { devices: ['unknown'], auth: { type: 'm.login.password', user: 'user', password: 'secret' } },
    });
    await user.call('deleteDevices', { body: { devices: [two.deviceId] } });
  });
});
