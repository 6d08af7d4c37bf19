import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { memoryConfigFiles } from './config-files.ts';
import { configFromObject, loadConfig } from './load-config.ts';
import { testConfig, testOptions } from './test-config.ts';

const minimal = `
server_name: example.org
report_stats: no
signing_key: ed25519 a_x AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
database: {name: sqlite3, args: {database: ':memory:'}}
listeners: [{port: 8008, type: http, resources: [{names: [client]}]}]
`;

function load(files: Readonly<Record<string, string>>, paths: readonly string[] = Object.keys(files)) {
  return loadConfig({ paths, files: memoryConfigFiles(files), cwd: '/srv', env: {} });
}

describe('files', () => {
  it('are merged by their top-level options, later ones in front', () => {
    const config = load({
      '/srv/a.yaml': `${minimal}\npresence: {enabled: false, idle_timeout: 10m}\nmax_upload_size: 1M`,
      '/srv/b.yaml': 'presence: {idle_timeout: 20m}\nserver_name: b.org',
    });
    expect(config.server.name).toBe('b.org');
    expect(config.presence).toMatchObject({ enabled: true, idleTimeoutMs: 1_200_000 });
    expect(config.media.maxUploadSize).toBe(1_048_576);
  });

  it('come from folders in the order of their names, *.yaml alone', () => {
    const files = {
      '/srv/conf/10.yaml': minimal,
      '/srv/conf/20.yaml': 'server_name: second.org',
      '/srv/conf/30.yml': 'server_name: third.org',
      '/srv/conf/40.yaml/sub': 'a folder',
    };
    expect(load(files, ['conf']).server.name).toBe('second.org');
  });

  it('are named in errors', () => {
    const files = { '/srv/a.yaml': minimal, '/srv/b.yaml': 'listeners: [{port: x, type: http}]' };
    const error = caught(() => load(files));
    expect(error).toMatchObject({ file: '/srv/b.yaml', option: 'listeners[0].port' });
    expect(error.message).toBe('/srv/b.yaml: listeners[0].port: expected a whole number from 0 to 65535, not "x"');
  });

  it.each([
    [{}, ['/srv/none.yaml'], "/srv/none.yaml: doesn't exist"],
    [{}, [], 'no configuration file is given'],
    [{ '/srv/a.yaml': 'a: [' }, undefined, /^\/srv\/a\.yaml: line 1, column \d+: /],
    [
      { '/srv/a.yaml': '' },
      undefined,
      '/srv/a.yaml: server_name: is missing: the name of this server, as in @user:NAME',
    ],
  ] as const)('%j %j are refused', (files, paths, sentence) => {
    expect(() => load(files, paths)).toThrow(sentence);
  });

  it('may hold an option twice; the last one counts, and it is said', () => {
    const config = load({ '/srv/a.yaml': `${minimal}\nmax_upload_size: 1M\nmax_upload_size: 2M` });
    expect(config.media.maxUploadSize).toBe(2_097_152);
    expect(config.notices).toContain('/srv/a.yaml: max_upload_size: written twice; the last one counts');
  });

  it('hold no secrets if that is turned off', () => {
    const files = { '/srv/a.yaml': `${minimal}\nmacaroon_secret_key: hush` };
    expect(() =>
      loadConfig({ paths: ['a.yaml'], files: memoryConfigFiles(files), cwd: '/srv', secretsInConfig: false }),
    ).toThrow(
      '/srv/a.yaml: macaroon_secret_key: secrets in the configuration are turned off; use macaroon_secret_key_path',
    );
  });
});

describe('secrets in files', () => {
  const options = { ...testOptions, registration_shared_secret: undefined, registration_shared_secret_path: 'secret' };

  it('are read without the white space around them', () => {
    const files = memoryConfigFiles({ '/srv/secret': ' hush\n' });
    expect(configFromObject(options, { files, cwd: '/srv' }).registration.sharedSecret).toBe('hush');
  });

  it.each([
    [{ '/srv/secret': '\n' }, options, 'registration_shared_secret_path: the file /srv/secret is empty'],
    [{}, options, "registration_shared_secret_path: the file /srv/secret doesn't exist"],
    [
      { '/srv/secret': 'x' },
      { ...options, registration_shared_secret: 'y' },
      "registration_shared_secret_path: can't be given together with registration_shared_secret; remove one of them",
    ],
  ])('%j', (files, object, sentence) => {
    expect(() =>
      configFromObject(object, { files: memoryConfigFiles(files as Record<string, string>), cwd: '/srv' }),
    ).toThrow(sentence);
  });
});

describe('the signing key', () => {
  const options = { ...testOptions, signing_key: undefined };
  const key = (text: string | undefined, more = {}) =>
    configFromObject(
      { ...options, ...more },
      {
        files: memoryConfigFiles(text === undefined ? {} : { '/etc/m/test.signing.key': text }),
        cwd: '/srv',
        configDirectory: '/etc/m',
      },
    ).keys;

  it('is found beside the configuration, and there may be several', () => {
    const line = (name: string) => `ed25519 ${name} ${Buffer.alloc(32, name).toString('base64').replace('=', '')}`;
    expect(key(`${line('a_1')}\n\n${line('b_2')}\r\n`).signingKeys).toEqual([
      { keyId: 'ed25519:a_1', seed: new Uint8Array(Buffer.alloc(32, 'a_1')) },
      { keyId: 'ed25519:b_2', seed: new Uint8Array(Buffer.alloc(32, 'b_2')) },
    ]);
  });

  it.each([
    [undefined, "signing_key_path: the file /etc/m/test.signing.key doesn't exist"],
    ['', 'signing_key_path: the file /etc/m/test.signing.key: there is no key in it'],
    ['rsa a AAAA', "signing_key_path: the file /etc/m/test.signing.key: line 1: the algorithm isn't ed25519"],
    ['ed25519 a AAAA', "signing_key_path: the file /etc/m/test.signing.key: line 1: the seed isn't 32 bytes in base64"],
    [`ed25519 a ${'A'.repeat(43)}`, 'line 1: this key is known to everybody'],
    ['ed25519 1 YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1', 'line 1: this key is known to everybody'],
  ])('%j is refused', (text, sentence) => expect(() => key(text)).toThrow(sentence));
});

describe('values', () => {
  it('are those of Synapse by default', () => {
    const config = testConfig();
    expect(config.server).toMatchObject({
      publicBaseUrl: 'https://test/',
      serveClientWellKnown: false,
      defaultRoomVersion: '12',
    });
    expect(config.rateLimits.message).toEqual({ perSecond: 0.2, burstCount: 10 });
    expect(config.rateLimits.loginAddress).toEqual({ perSecond: 0.003, burstCount: 5 });
    expect(config.rateLimits.adminRedaction).toBeUndefined();
    expect(config.sessions).toMatchObject({ sessionLifetimeMs: undefined, refreshableAccessTokenLifetimeMs: 300_000 });
    expect(config.retention).toMatchObject({ redactedEventsMs: 604_800_000, forgottenRoomsMs: undefined });
    expect(config.media.thumbnailSizes).toHaveLength(5);
    expect(config.rooms.directory.aliasCreationRules).toEqual([
      { userId: '*', alias: '*', roomId: '*', action: 'allow' },
    ]);
    expect(config.rooms.directory.publicationRules).toEqual([]);
    expect(config.notices).toEqual(['there are no listeners: nobody can reach this server']);
  });

  it("can't be changed", () => {
    const config = testConfig();
    expect(() => ((config.media as { maxUploadSize: number }).maxUploadSize = 1)).toThrow(TypeError);
  });

  it('are taken as Synapse takes them', () => {
    const config = testConfig({
      public_baseurl: 'https://matrix.test',
      default_room_version: 10,
      enable_registration: 'yes',
      enable_registration_without_verification: true,
      encryption_enabled_by_default_for_room_type: false,
      refreshable_access_token_lifetime: null,
      redaction_retention_period: null,
      rc_message: { per_second: 5 },
      presence: { enabled: 'untracked' },
      password_config: { enabled: 'only_for_reauth' },
      room_prejoin_state: { additional_event_types: ['a.b', ['c.d', 'key']] },
      filter_timeline_limit: -1,
    });
    expect(config.server).toMatchObject({
      publicBaseUrl: 'https://matrix.test/',
      serveClientWellKnown: true,
      defaultRoomVersion: '10',
    });
    expect(config.server.filterTimelineLimit).toBeUndefined();
    expect(config.registration.enabled).toBe(true);
    expect(config.rooms.encryptedPresets).toEqual(new Set());
    expect(config.sessions.refreshableAccessTokenLifetimeMs).toBeUndefined();
    expect(config.retention.redactedEventsMs).toBeUndefined();
    expect(config.rateLimits.message).toEqual({ perSecond: 5, burstCount: 10 });
    expect(config.presence).toMatchObject({ enabled: true, tracked: false });
    expect(config.password).toMatchObject({ enabledForLogin: false, enabledForReauth: true });
    expect(config.rooms.prejoinState.additional).toEqual([
      { type: 'a.b', stateKey: undefined },
      { type: 'c.d', stateKey: 'key' },
    ]);
  });

  it('make listeners', () => {
    const { listeners } = testConfig({
      listeners: [
        {
          port: 8008,
          type: 'http',
          x_forwarded: true,
          resources: [{ names: ['client', 'federation'], compress: true }],
        },
        { path: 'run/m.sock', mode: 0o660, type: 'http', resources: [{ names: ['client'] }] },
        { port: 9000, type: 'metrics', bind_address: '127.0.0.1' },
      ],
      metrics_port: 9001,
    });
    expect(listeners.map(({ type, address, xForwarded, tag }) => ({ type, address, xForwarded, tag }))).toEqual([
      {
        type: 'http',
        address: { kind: 'tcp', port: 8008, bindAddresses: ['::', '0.0.0.0'] },
        xForwarded: true,
        tag: '8008',
      },
      {
        type: 'http',
        address: { kind: 'unix', path: `${process.cwd()}/run/m.sock`, mode: 0o660 },
        xForwarded: true,
        tag: 'unix',
      },
      {
        type: 'metrics',
        address: { kind: 'tcp', port: 9000, bindAddresses: ['127.0.0.1'] },
        xForwarded: false,
        tag: '9000',
      },
      {
        type: 'metrics',
        address: { kind: 'tcp', port: 9001, bindAddresses: ['127.0.0.1'] },
        xForwarded: false,
        tag: '9001',
      },
    ]);
    expect(listeners[0]).toMatchObject({ resources: new Set(['client', 'federation']), compress: true, tls: false });
  });
});

describe('the proxy', () => {
  it('comes from the environment where the configuration has none', () => {
    const { outbound } = configFromObject(
      { ...testOptions, https_proxy: 'http://mine:1' },
      { env: { http_proxy: 'http://env:1', HTTPS_PROXY: 'http://env:2', no_proxy: 'a.org, 10.0.0.0/8' } },
    );
    expect(outbound).toMatchObject({
      httpProxy: 'http://env:1',
      httpsProxy: 'http://mine:1',
      noProxyHosts: ['a.org', '10.0.0.0/8'],
    });
  });
});

function caught(task: () => unknown): ConfigError {
  try {
    task();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
