import { configFromObject, testOptions } from '@myelin/homeserver';
import { describeServers, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { clientWellKnown, serverWellKnown, supportWellKnown } from './well-known.ts';

function config(overrides: Readonly<Record<string, unknown>>) {
  return configFromObject({ ...testOptions, ...overrides });
}

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  test('the versions that hold are told to anybody, and may be kept for a while', async () => {
    const { body, headers } = await server.client().send('getVersions');
    expect(body.versions).toContain('v1.11');
    expect(Object.values(body.unstable_features)).not.toContain(false);
    expect(headers.get('cache-control')).toContain('max-age');
    const user = await server.registerUser('versioned');
    expect((await user.send('getVersions')).headers.get('cache-control')).toBeNull();
    await server.client().call('getVersions', { token: 'made up' }, { expect: 'M_UNKNOWN_TOKEN' });
  });

  test('clients are told of rooms that are always encrypted', async () => {
    const own = await start({ config: { encryption_enabled_by_default_for_room_type: 'invite' } });
    const { unstable_features: features } = await own.client().call('getVersions');
    expect(features).toMatchObject({
      'io.element.e2ee_forced.private': true,
      'io.element.e2ee_forced.trusted_private': true,
    });
    expect(features).not.toHaveProperty(['io.element.e2ee_forced.public']);
  });

  test('capabilities are told to users', async () => {
    await server.client().call('getCapabilities', {}, { expect: 'M_MISSING_TOKEN' });
    const user = await server.registerUser('capable');
    const { capabilities } = await user.call('getCapabilities');
    expect(capabilities['m.room_versions'].available).toMatchObject({ 1: 'stable', 12: 'stable' });
    expect(capabilities['m.room_versions'].available).toHaveProperty([capabilities['m.room_versions'].default]);
    expect(capabilities).toMatchObject({
      'm.change_password': { enabled: true },
      'm.set_displayname': { enabled: true },
      'm.set_avatar_url': { enabled: true },
      'm.profile_fields': { enabled: true },
      'm.3pid_changes': { enabled: false },
      'm.get_login_token': { enabled: false },
    });
  });

  test('the version of the server', async () => {
    expect((await server.client().raw('GET', '/_synapse/admin/v1/server_version', {}, { expect: 200 })).body).toEqual({
      server_version: expect.any(String),
    });
  });

  test('without an address there is no well-known', async () => {
    for (const name of ['client', 'server', 'support']) {
      await server.client().raw('GET', `/.well-known/matrix/${name}`, {}, { expect: 404 });
    }
  });

  test('the well-known files', async () => {
    const own = await start({
      config: {
        public_baseurl: 'https://matrix.example.org/sub',
        default_identity_server: 'https://id.example.org',
        extra_well_known_client_content: { 'org.example.more': { is: 'here' } },
        serve_server_wellknown: true,
        admin_contact: 'mailto:admin@example.org',
      },
    });
    expect(await own.client().call('getWellknown')).toEqual({
      'm.homeserver': { base_url: 'https://matrix.example.org/sub/' },
      'm.identity_server': { base_url: 'https://id.example.org' },
      'org.example.more': { is: 'here' },
    });
    expect(await own.client().call('getWellknownSupport')).toEqual({
      contacts: [{ role: 'm.role.admin', email_address: 'admin@example.org' }],
    });
    expect((await own.client().raw('GET', '/.well-known/matrix/server', {}, { expect: 200 })).body).toEqual({
      'm.server': 'test:443',
    });
  });
});

describe('well-known', () => {
  test.each([
    ['example.org', 'example.org:443'],
    ['example.org:8448', 'example.org:8448'],
    ['[2001:db8::1]', '[2001:db8::1]:443'],
    ['[2001:db8::1]:99', '[2001:db8::1]:99'],
  ])('the server %s is at %s', (name, address) => {
    expect(serverWellKnown(config({ server_name: name, serve_server_wellknown: true }))).toEqual({
      'm.server': address,
    });
  });

  test.each([
    ['@admin:test', { contacts: [{ role: 'm.role.admin', matrix_id: '@admin:test' }] }],
    ['https://help.example.org', { support_page: 'https://help.example.org' }],
    ['a@example.org', { contacts: [{ role: 'm.role.admin', email_address: 'a@example.org' }] }],
    ['ring the bell', undefined],
  ])('the contact %s', (contact, told) => {
    expect(supportWellKnown(config({ admin_contact: contact }))).toEqual(told);
  });

  test('nothing is told that is not configured', () => {
    expect(clientWellKnown(config({}))).toBeUndefined();
    expect(serverWellKnown(config({}))).toBeUndefined();
    expect(supportWellKnown(config({}))).toBeUndefined();
  });
});
