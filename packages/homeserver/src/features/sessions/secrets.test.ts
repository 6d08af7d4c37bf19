import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { configFromObject, testOptions } from '../../config/index.ts';
import { startServer } from '../../server.ts';

const sharedSecret = 'the-shared-secret-of-this-test';

/** Sends JSON and returns the answer's body. */
type Send = (method: string, path: string, body?: object, token?: string) => Promise<Record<string, string>>;

test('whatever is logged, passwords, tokens and secrets are not in it, nor in answers that refuse', async () => {
  const lines: string[] = [];
  const answers: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const config = configFromObject({
    ...testOptions,
    enable_registration: true,
    enable_registration_without_verification: true,
    registration_shared_secret: sharedSecret,
    password_config: { pepper: 'pepper-of-this-test' },
    rc_login: { failed_attempts: { per_second: 1000, burst_count: 1000 } },
    listeners: [
      { type: 'http', port: 0, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client', 'federation'] }] },
    ],
  });
  const server = await startServer(config, { log });
  const address = server.listeners[0]?.address as string;
  const send: Send = async (method, path, body, token) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 400) answers.push(text);
    return JSON.parse(text) as Record<string, string>;
  };
  const v3 = '/_matrix/client/v3';
  const secrets: string[] = [
    'first-password',
    'second-password',
    'wrong-password',
    'pepper-of-this-test',
    sharedSecret,
  ];
  const identifier = { type: 'm.id.user', user: 'alice' };

  const { session } = await send('POST', `${v3}/register`, { username: 'alice', password: 'first-password' });
  const auth = { type: 'm.login.dummy', session };
  const registered = await send('POST', `${v3}/register`, {
    username: 'alice',
    password: 'first-password',
    auth,
    refresh_token: true,
  });
  await send('POST', `${v3}/login`, { type: 'm.login.password', identifier, password: 'wrong-password' });
  await send('POST', `${v3}/login`, { type: 'm.login.password', identifier, password: ['wrong-password'] });
  const again = await send('POST', `${v3}/login`, { type: 'm.login.password', identifier, password: 'first-password' });
  const refreshed = await send('POST', `${v3}/refresh`, { refresh_token: registered['refresh_token'] });
  await send('POST', `${v3}/refresh`, { refresh_token: `${registered['refresh_token']}x` });
  const access = refreshed['access_token'] as string;
  await send('GET', `${v3}/account/whoami?access_token=${access}`);
  await send('GET', `${v3}/account/whoami?access_token=${access}x`);
  await send(
    'POST',
    `${v3}/account/password`,
    { new_password: 'second-password', auth: { type: 'm.login.password', identifier, password: 'wrong-password' } },
    access,
  );
  await send(
    'POST',
    `${v3}/account/password`,
    { new_password: 'second-password', auth: { type: 'm.login.password', identifier, password: 'first-password' } },
    access,
  );
  const openId = await send('POST', `${v3}/user/@alice:test/openid/request_token`, {}, access);
  await send('GET', `/_matrix/federation/v1/openid/userinfo?access_token=${openId['access_token']}`);
  const { nonce } = await send('GET', '/_synapse/admin/v1/register');
  const mac = createHmac('sha1', sharedSecret)
    .update([nonce, 'boss', 'second-password', 'admin'].join('\0'))
    .digest('hex');
  const boss = await send('POST', '/_synapse/admin/v1/register', {
    nonce,
    username: 'boss',
    password: 'second-password',
    admin: true,
    mac,
  });
  await send('POST', '/_synapse/admin/v1/register', {
    nonce,
    username: 'boss',
    password: 'second-password',
    admin: true,
    mac,
  });
  await server.stop();

  for (const answer of [registered, again, refreshed, openId, boss]) {
    for (const name of ['access_token', 'refresh_token']) if (answer[name] !== undefined) secrets.push(answer[name]);
  }
  secrets.push(session as string, mac);
  expect(secrets.length).toBeGreaterThan(12);
  expect(lines.length).toBeGreaterThan(5);
  for (const secret of secrets) {
    expect(
      lines.filter((line) => line.includes(secret)),
      'logged',
    ).toEqual([]);
    // The session is for the client, who must bring it back.
    if (secret !== session)
      expect(
        answers.filter((answer) => answer.includes(secret)),
        'answered',
      ).toEqual([]);
  }
});
