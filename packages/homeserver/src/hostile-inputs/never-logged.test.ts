import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, sql } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLog } from '../observability/open-log.ts';

/** Begins everything in these tests that nobody but its owners may see. */
const mark = 'hush';
const sharedSecret = `${mark}-shared-secret`;

describeServers((start) => {
  const folder = mkdtempSync(join(tmpdir(), 'myelin-log-'));
  const file = join(folder, 'homeserver.log');
  afterAll(() => rmSync(folder, { recursive: true }));
  let server: TestServer;
  /** Tokens and the like that the server gave out. */
  const given = new Set<string>();
  const keep = (...secrets: unknown[]): void => {
    for (const secret of secrets) if (typeof secret === 'string' && secret !== '') given.add(secret);
  };

  beforeAll(async () => {
    const output = { target: 'file', path: file, format: 'json', level: 'trace', rotation: undefined } as const;
    const { log } = openLog({ path: undefined, outputs: [output], levels: { root: 'trace' } });
    const config = {
      registration_shared_secret: sharedSecret,
      macaroon_secret_key: `${mark}-macaroons`,
      form_secret: `${mark}-forms`,
      password_config: { pepper: `${mark}-pepper` },
      enable_metrics: true,
      refreshable_access_token_lifetime: '1h',
    };
    server = await start({ onDisk: true, config, log });
  });

  /** The log so far, and that nothing of what it must not hold is in it. */
  function cleanLog(): string {
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(mark);
    for (const secret of given) expect(text.includes(secret), `the log holds ${secret}`).toBe(false);
    return text;
  }

  const password = (user: string, secret: string) => ({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password: secret,
  });

  async function register(username: string): Promise<TestClient> {
    const body = { username, password: `${mark}-password`, refresh_token: true };
    const client = server.client();
    const { session } = await client.call('register', { body }, { expect: 401 });
    const answer = await client.call('register', { body: { ...body, auth: { type: 'm.login.dummy', session } } });
    keep(session, answer.access_token, answer.refresh_token);
    return client.withToken(answer.access_token, answer.user_id, answer.device_id);
  }

  it('there is a log', async () => {
    await server.client().call('getVersions');
    expect(cleanLog()).toContain('getVersions');
  });

  describe('passwords and tokens', () => {
    it('of registrations and logins, right and wrong ones', async () => {
      const client = await register('alice');
      const right = { ...password('alice', `${mark}-password`), refresh_token: true };
      const answer = await client.call('login', { body: right, token: null });
      keep(answer.access_token, answer.refresh_token);
      const refreshed = await client.call('refresh', { body: { refresh_token: answer.refresh_token }, token: null });
      keep(refreshed.access_token, refreshed.refresh_token);
      const refused = { token: null };
      await client.call('login', { body: password('alice', `${mark}-wrong`), ...refused }, { expect: 403 });
      await client.call('login', { body: password(`${mark}-wrong-place`, 'x'), ...refused }, { expect: 403 });
      await client.call(
        'login',
        { body: { type: 'm.login.token', token: `${mark}-login` }, ...refused },
        { expect: [400, 403] },
      );
      await client.call(
        'login',
        { body: { ...right, password: { value: `${mark}-object` } }, ...refused },
        { expect: 400 },
      );
      await client.call('login', { bytes: `{"password": "${mark}-cut off`, ...refused }, { expect: 400 });
      await client.call('refresh', { body: { refresh_token: `${mark}-refresh` }, ...refused }, { expect: 401 });
      await client.call(
        'register',
        { body: { username: 'x', password: `${mark}-password`, auth: { session: `${mark}-session` } } },
        { expect: [400, 401] },
      );
      await client.call('registrationTokenValidity', { query: { token: `${mark}-registration` } });
      cleanLog();
    });

    it('that come in headers, queries and paths', async () => {
      const client = await register('queries');
      const whoami = '/_matrix/client/v3/account/whoami';
      await client.raw('GET', `${whoami}?access_token=${client.accessToken}`, { token: null }, { expect: 200 });
      await client.raw('GET', `${whoami}?access_token=${mark}-query`, { token: null }, { expect: 401 });
      await client.raw('GET', whoami, { token: `${mark}-header` }, { expect: 401 });
      await client.raw('GET', whoami, { token: null, headers: { authorization: `Basic ${mark}` } }, { expect: 401 });
      await client.raw('GET', `/_matrix/client/v3/${mark}-path?access_token=${mark}`, {}, { expect: 404 });
      await client.raw('GET', `/_matrix/client/v3/rooms/%ff${mark}/state`);
      cleanLog();
    });

    it('of changes of passwords and accounts', async () => {
      const client = await register('bob');
      const body = { new_password: `${mark}-new-password`, logout_devices: false };
      const { session } = await client.call('changePassword', { body }, { expect: 401 });
      keep(session);
      await client.call(
        'changePassword',
        { body: { ...body, auth: { ...password('bob', `${mark}-wrong`), session } } },
        { expect: 401 },
      );
      await client.call('changePassword', {
        body: { ...body, auth: { ...password('bob', `${mark}-password`), session } },
      });
      keep((await client.call('requestOpenIdToken', { params: { userId: client.userId! }, body: {} })).access_token);
      await client.call('deactivateAccount', { body: { auth: password('bob', `${mark}-new-password`) } });
      await client.call('getTokenOwner', {}, { expect: 401 });
      cleanLog();
    });

    it('of the shared secret', async () => {
      const path = '/_synapse/admin/v1/register';
      const client = server.client();
      for (const secret of [sharedSecret, `${mark}-other-secret`]) {
        const { nonce } = (await client.raw('GET', path)).body;
        const mac = createHmac('sha1', secret)
          .update([nonce, 'root', `${mark}-password`, 'admin'].join('\0'))
          .digest('hex');
        const body = { nonce, username: 'root', password: `${mark}-password`, admin: true, mac };
        const answer = await client.raw('POST', path, { body }, { expect: secret === sharedSecret ? 200 : 403 });
        keep(mac, answer.body.access_token);
      }
      cleanLog();
    });
  });

  it('what people say, keep and look for', async () => {
    const [client, other] = [await register('carol'), await register('dave')];
    const { userId, deviceId } = client as { userId: string; deviceId: string };
    const roomId = await client.createRoom({ name: `${mark}-name`, topic: `${mark}-topic`, invite: [other.userId!] });
    await client.sendText(roomId, `${mark}-text`);
    await client.sendEvent(roomId, 'm.room.encrypted', {
      algorithm: `${mark}-algorithm`,
      ciphertext: `${mark}-cipher`,
    });
    await client.sendState(roomId, 'org.example.state', { value: `${mark}-state` }, `${mark}-key`);
    const params = { roomId, eventType: 'm.room.message', txnId: 'x' };
    await client.call('sendMessage', { params, bytes: `{"body": "${mark}-cut off` }, { expect: 400 });
    await client.call('sendMessage', { params, body: { body: mark, number: 1.5 } }, { expect: 400 });
    await client.call('sendMessage', { params, body: { body: mark.repeat(20_000) } }, { expect: [400, 413] });
    await other.call('joinRoomById', { params: { roomId }, body: { reason: `${mark}-reason` } });
    await other.sync({ filter: { room: { timeline: { types: [`${mark}-type`] } } } });
    await client.call('setAccountData', { params: { userId, type: 'org.example' }, body: { value: `${mark}-data` } });
    await client.call('setProfileField', {
      params: { userId, keyName: 'displayname' },
      body: { displayname: `${mark}-name` },
    });
    await client.call('updateDevice', { params: { deviceId }, body: { display_name: `${mark}-device` } });
    await client.call('queryPublicRooms', { body: { filter: { generic_search_term: `${mark}-search` } } });
    const messages = { [other.userId!]: { '*': { value: `${mark}-to-device` } } };
    await client.call('sendToDevice', { params: { eventType: 'org.example', txnId: '1' }, body: { messages } });
    await other.sync();
    const key = {
      first_message_index: 0,
      forwarded_count: 0,
      is_verified: false,
      session_data: { ciphertext: `${mark}-key` },
    };
    const backup = { algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data: { public_key: `${mark}-backup` } };
    const { version } = await client.call('postRoomKeysVersion', { body: backup });
    await client.call('putRoomKeyBySessionId', { params: { roomId, sessionId: 's' }, query: { version }, body: key });
    await client.call('uploadContent', {
      query: { filename: `${mark}.txt` },
      bytes: `${mark}-content`,
      contentType: 'text/plain',
    });
    await client.call('logout', {});
    cleanLog();
  });

  it('neither when the server itself fails over them', async () => {
    const client = await register('erin');
    const roomId = await client.createRoom();
    const { userId } = client as { userId: string };
    await client.call('setAccountData', { params: { userId, type: 'org.example' }, body: { value: 'x' } });
    // What is stored is damaged, and what should be stored has no place.
    await server.restart({}, async () => {
      const database = await openDatabase(server.config.database as Parameters<typeof openDatabase>[0], systemRuntime);
      await database.transact(async (writer) => {
        await writer.run(sql`UPDATE events SET json = ${`{"content": ${mark}-damaged`}`);
        await writer.run(sql`UPDATE account_data SET content = ${`{"value": ${mark}-damaged`}`);
        await writer.run(sql`ALTER TABLE to_device_messages RENAME TO lost`);
        await writer.run(
          sql`CREATE TABLE to_device_messages (position BIGINT CHECK (position < 0), device BIGINT, content TEXT)`,
        );
      });
      await database.close();
    });
    const faults = { expect: [200, 400, 403, 404, 500] };
    const messages = { [userId]: { '*': { value: `${mark}-to-device` } } };
    await client.call('sendToDevice', { params: { eventType: 'org.example', txnId: '1' }, body: { messages } }, faults);
    const params = { roomId, eventType: 'm.room.message', txnId: 'x' };
    await client.call('sendMessage', { params, body: { msgtype: 'm.text', body: `${mark}-text` } }, faults);
    await client.call('getRoomState', { params: { roomId } }, faults);
    await client.call('sync', {}, faults);
    await client.call('getAccountData', { params: { userId, type: 'm.push_rules' } }, faults);
    expect(cleanLog()).toContain('"level":50');
  });

  it('nor do figures tell of them', async () => {
    const text = await (await fetch(`${server.baseUrl}/_synapse/metrics`)).text();
    expect(text).toContain('synapse_http_server');
    expect(text).not.toContain(mark);
    for (const secret of given) expect(text.includes(secret)).toBe(false);
  });
});
