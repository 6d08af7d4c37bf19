import type { Config } from './config.ts';
import { configFromObject } from './load-config.ts';
import type { Mapping } from './values.ts';

/**
 * A configuration for tests: server `test`, SQLite in memory, no listeners, a fixed key, cheap password hashes.
 * `overrides` are top-level options by their names in homeserver.yaml.
 */
export function testConfig(overrides: Mapping = {}): Config {
  return configFromObject({ ...testOptions, ...overrides });
}

export const testOptions: Mapping = {
  server_name: 'test',
  report_stats: false,
  listeners: [],
  database: { name: 'sqlite3', args: { database: ':memory:' } },
  signing_key: 'ed25519 a_test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  macaroon_secret_key: 'macaroon secret of tests',
  form_secret: 'form secret of tests',
  registration_shared_secret: 'registration secret of tests',
  bcrypt_rounds: 4,
};
