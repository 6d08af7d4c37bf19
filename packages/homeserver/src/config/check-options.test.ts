import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { configFromObject } from './load-config.ts';
import { testOptions } from './test-config.ts';

const listeners = [{ port: 8008, type: 'http', resources: [{ names: ['client'] }] }];

function load(overrides: Readonly<Record<string, unknown>>) {
  return configFromObject({ ...testOptions, listeners, ...overrides });
}

/** Each was tried on Synapse too, which refuses them as well, in its own words or with a stack trace. */
const refused: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [
    { server_name: 'https://x' },
    'server_name: "https://x" isn\'t a server name; expected a host name such as example.org, without https:// or a path',
  ],
  [
    { server_name: 'x.org.' },
    'server_name: "x.org." isn\'t a server name; expected a host name such as example.org, without https:// or a path',
  ],
  [
    { listeners: [{ port: 1, type: 'webclient' }] },
    'listeners[0].type: web clients are not served any more; remove this listener, host the client elsewhere and name it in web_client_location',
  ],
  [
    { listeners: [{ port: 1, type: 'replication' }] },
    'listeners[0].type: direct replication between workers is gone; remove this listener and use redis',
  ],
  [
    { listeners: [{ port: 1, type: 'gopher' }] },
    'listeners[0].type: expected one of http, metrics, manhole, not "gopher"',
  ],
  [
    { listeners: [{ type: 'http' }] },
    'listeners[0].port: is missing: a listener needs a port, or the path of a unix socket',
  ],
  [
    { listeners: [{ type: 'http', port: 1, path: '/x' }] },
    "listeners[0].path: a listener can't have both a port and the path of a unix socket; make two listeners",
  ],
  [
    { listeners: [{ type: 'http', port: 1, resources: [{ names: ['clients'] }] }] },
    'listeners[0].resources[0].names[0]: there is no resource "clients"; known are client, consent, federation, health, keys, media, metrics, openid, replication, static',
  ],
  [
    { listeners: [{ type: 'http', port: 1, resources: [{ names: ['webclient'] }] }] },
    'listeners[0].resources[0].names[0]: web clients are not served any more; remove it and set web_client_location',
  ],
  [
    { listeners: [{ type: 'http', port: 1, tls: true }] },
    'tls_certificate_path: is needed because a listener has `tls: true`',
  ],
  [
    { web_client_location: '/srv/web' },
    'web_client_location: expected an address that begins with https:// or http://; web clients are not served from a folder',
  ],
  [
    { public_baseurl: 'ftp://x' },
    'public_baseurl: expected an address that begins with https:// or http://, not "ftp://x"',
  ],
  [{ public_baseurl: 'https://x/?y' }, "public_baseurl: can't have a query (?) nor a fragment (#)"],
  [{ log_file: '/x' }, 'log_file: is not supported any more; log files are named in the file of log_config'],
  [
    { default_room_version: '99' },
    'default_room_version: there is no room version "99"; known are 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12',
  ],
  [
    { enable_registration: true },
    'enable_registration: lets anybody make accounts unchecked; set registration_requires_token: true, or, if that is what you want, enable_registration_without_verification: true',
  ],
  [{ enable_registration: 'maybe' }, 'enable_registration: expected true or false, not "maybe"'],
  [
    { trust_identity_server_for_password_resets: true },
    'trust_identity_server_for_password_resets: is not supported any more; set up `email`, so that this server sends these messages itself',
  ],
  [
    { email: { smtp_host: 'x' } },
    'email.notif_from: is missing: the sender of e-mails, needed because `email` is set up',
  ],
  [
    { account_threepid_delegates: { email: 'https://x' } },
    'account_threepid_delegates.email: is not supported any more; set up `email`, so that this server sends these messages itself',
  ],
  [{ invite_3pid_guest: true }, 'invite_3pid_guest: is not supported any more; it has no replacement'],
  [
    { experimental_features: { msc3861: { enabled: true } } },
    'experimental_features.msc3861: is not supported any more; use matrix_authentication_service',
  ],
  [
    { experimental_features: { msc4108_enabled: true } },
    'experimental_features.msc4108_enabled: needs matrix_authentication_service',
  ],
  [
    { experimental_features: { msc3890_enabled: true } },
    'experimental_features.msc3890_enabled: needs experimental_features.msc3391_enabled: true',
  ],
  [
    { experimental_features: { msc4388_mode: 'open' } },
    'experimental_features.msc4388_mode: needs matrix_authentication_service',
  ],
  [
    { limit_profile_requests_to_users_who_share_rooms: true },
    'limit_profile_requests_to_users_who_share_rooms: needs require_auth_for_profile_requests: true',
  ],
  [{ redis: { username: 'x' } }, 'redis.username: needs redis.password or redis.password_path'],
  [
    { url_preview_enabled: true },
    'url_preview_ip_range_blacklist: is missing: say which addresses previews must not reach, because url_preview_enabled is on',
  ],
  [
    { room_invite_state_types: ['a'], room_prejoin_state: { additional_event_types: ['b'] } },
    "room_invite_state_types: can't be given together with room_prejoin_state; remove it",
  ],
  [
    { restrict_public_rooms_to_local_users: true, allow_public_rooms_without_auth: true },
    "restrict_public_rooms_to_local_users: can't be given together with allow_public_rooms_without_auth or allow_public_rooms_over_federation; remove it",
  ],
  [
    { encryption_enabled_by_default_for_room_type: 'some' },
    'encryption_enabled_by_default_for_room_type: expected one of all, invite, off, not "some"',
  ],
  [
    { default_power_level_content_override: { nope: {} } },
    'default_power_level_content_override.nope: there is no such preset; known are public_chat, private_chat, trusted_private_chat',
  ],
  [
    { alias_creation_rules: [{ action: 'maybe' }] },
    'alias_creation_rules[0].action: expected one of allow, deny, not "maybe"',
  ],
  [{ alias_creation_rules: [{ user_id: '*' }] }, 'alias_creation_rules[0].action: is missing'],
  [{ auto_join_rooms: ['lobby'] }, 'auto_join_rooms[0]: expected an alias such as #room:example.org, not "lobby"'],
  [
    { autocreate_auto_join_room_preset: 'private_chat' },
    'auto_join_mxid_localpart: is needed when autocreate_auto_join_room_preset is private_chat: somebody must send the invitations',
  ],
  [
    { session_lifetime: '1m', refreshable_access_token_lifetime: '5m' },
    "refreshable_access_token_lifetime: can't be longer than session_lifetime",
  ],
  [
    { session_lifetime: '1m', refresh_token_lifetime: '5m' },
    "refresh_token_lifetime: can't be longer than session_lifetime",
  ],
  [
    { session_lifetime: 'soon' },
    'session_lifetime: expected a duration such as 30s, 5m, 2h, 7d, 2w or a number of milliseconds, not "soon"',
  ],
  [
    { presence: { idle_timeout: '10s' } },
    'presence.idle_timeout: must be longer than presence.last_active_granularity',
  ],
  [{ presence: { last_active_granularity: 0 } }, 'presence.last_active_granularity: expected more than 0'],
  [
    { presence: { presence_router: { module: 'x' } } },
    "presence.presence_router: is not supported any more; Python modules can't be loaded; remove it",
  ],
  [
    { max_upload_size: '50MB' },
    'max_upload_size: expected a size such as 512K, 50M, 2G or a number of bytes, not "50MB"',
  ],
  [{ thumbnail_sizes: [{ width: 1, height: 1 }] }, 'thumbnail_sizes[0].method: is missing'],
  [{ rc_message: 5 }, 'rc_message: expected a mapping, not 5'],
  [{ caches: { global_factor: 'x' } }, 'caches.global_factor: expected a number of at least 0, not "x"'],
  [{ database: { name: 'mysql' } }, 'database.name: expected one of sqlite3, psycopg2, not "mysql"'],
  [{ database: undefined }, 'database: is missing: name the database to use, sqlite3 or psycopg2'],
  [{ databases: { main: {} } }, "databases: can't be given together with database; remove one of them"],
  [{ old_signing_keys: { 'ed25519:a': { key: 'A'.repeat(43) } } }, 'old_signing_keys.ed25519:a.expired_ts: is missing'],
  [
    { federation_client_minimum_tls_version: '2' },
    'federation_client_minimum_tls_version: expected one of 1, 1.1, 1.2, 1.3, not "2"',
  ],
  [
    { federation_custom_ca_list: [] },
    'federation_custom_ca_list: is empty; leave it out to trust the authorities that the system trusts',
  ],
  [
    { templates: { custom_template_directory: '/no/such' } },
    'templates.custom_template_directory: there is no folder /no/such',
  ],
  [{ user_consent: { template_dir: '/' } }, 'user_consent.version: is missing'],
  [
    { worker_app: 'synapse.app.generic_worker' },
    'worker_app: this is the configuration of a worker, and there are none yet; start the main process alone, without this file',
  ],
  [{ worker_replication_port: 9092 }, 'worker_replication_port: is not supported any more; workers speak over redis'],
  [
    { notify_appservices: true, notify_appservices_from_worker: 'w' },
    'notify_appservices: contradicts notify_appservices_from_worker; remove it',
  ],
  [
    { matrix_authentication_service: { enabled: true } },
    'matrix_authentication_service.secret: is missing (or secret_path)',
  ],
  [
    { matrix_authentication_service: { enabled: true, secret: 'x' }, password_config: { enabled: true } },
    "password_config.enabled: can't be used because matrix_authentication_service is enabled, which does it instead",
  ],
  [
    { extra_well_known_client_content: { 'm.homeserver': {} } },
    'extra_well_known_client_content: m.homeserver comes from public_baseurl; set that instead',
  ],
  [
    { max_event_delay_duration: '0s' },
    'max_event_delay_duration: expected more than 0; leave the option out to have no delayed events',
  ],
  [{ form_secret: 5 }, 'form_secret: expected a text (put it in quotes), not 5'],
];

/** These Synapse takes, and fails on later, or does what Myelin can't. */
const refusedHereAlone: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [{ registration_shared_secret: 123 }, 'registration_shared_secret: expected a text (put it in quotes), not 123'],
  [{ bcrypt_rounds: 3 }, 'bcrypt_rounds: expected a whole number from 4 to 31, not 3'],
  [{ rc_message: { per_second: 'x' } }, 'rc_message.per_second: expected a number of at least 0, not "x"'],
  [
    { server_name: 'x.org:99999' },
    'server_name: "x.org:99999" isn\'t a server name; expected a host name such as example.org, without https:// or a path',
  ],
  [
    { database: undefined, databases: { main: {}, state: {} } },
    'databases: more than one database is not supported; put everything into one and name it in `database`',
  ],
  [
    { spam_checker: { module: 'x' } },
    "spam_checker: is not supported any more; Python modules can't be loaded; remove it",
  ],
];

describe('configurations that are refused', () => {
  it.each([...refused, ...refusedHereAlone])('%j', (overrides, sentence) => {
    expect(refusal(() => load(overrides))).toBe(sentence);
  });

  it('lack the two options that must be there', () => {
    const { report_stats: _, ...rest } = testOptions;
    expect(() => configFromObject(rest)).toThrow(
      'report_stats: is missing: write `report_stats: false` or `report_stats: true`',
    );
  });
});

describe('what is said at start', () => {
  it.each<readonly [Readonly<Record<string, unknown>>, readonly string[]]>([
    [{}, []],
    [
      { enable_registraton: true },
      ['enable_registraton is not an option and has no effect; did you mean enable_registration?'],
    ],
    [
      { presence: { idle_timout: 1 } },
      ['presence.idle_timout is not an option and has no effect; did you mean presence.idle_timeout?'],
    ],
    [{ smtp_host: 'x' }, ['smtp_host is not an option and has no effect; did you mean email.smtp_host?']],
    [{ frobnicate_everything: 1 }, ['frobnicate_everything is not an option and has no effect']],
    [
      { listeners: [{ ...listeners[0], prot: 1 }] },
      ['listeners[0].prot is not an option and has no effect; did you mean listeners[].port?'],
    ],
    [
      { acme: { enabled: true } },
      [
        'acme is not supported any more and has no effect; get certificates with a tool of your own, and name them in tls_certificate_path',
      ],
    ],
    [{ metrics_port: 9000 }, ['metrics_port is old; write a listener with the resource metrics']],
    [
      { modules: [{ module: 'x.Y', config: { anything: { goes: 1 } } }] },
      ['known but not served yet, without effect: modules'],
    ],
    [
      {
        email: { notif_from: 'a@b.c', smtp_host: 'x' },
        url_preview_enabled: true,
        url_preview_ip_range_blacklist: ['127.0.0.0/8'],
      },
      ['known but not served yet, without effect: email, url_preview_enabled, url_preview_ip_range_blacklist'],
    ],
    [
      { listeners: [{ port: 1, type: 'manhole' }] },
      ['listeners[0].type: there is no manhole here; nothing listens for it'],
    ],
  ])('%j', (overrides, notices) => expect(load(overrides).notices).toEqual(notices));

  it('nothing of options that ask for what is the default', () => {
    const asDefault = {
      url_preview_enabled: false,
      enable_search: true,
      trusted_key_servers: [{ server_name: 'matrix.org' }],
      max_spider_size: 10 * 1024 * 1024,
      email: {},
      push: { jitter_delay: 0 },
    };
    expect(load(asDefault).notices).toEqual([]);
  });

  it('that registration stays closed when its checks are not served', () => {
    const config = load({ enable_registration: true, enable_registration_captcha: true });
    expect(config.registration.enabled).toBe(false);
    expect(config.notices).toContain(
      "registration stays closed, because what is asked for isn't served yet: enable_registration_captcha",
    );
  });
});

function refusal(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'it was taken';
}
