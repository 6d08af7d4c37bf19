import { describe, expect, it } from 'vitest';
import { testOptions } from './test-config.ts';
import { configFromObject } from './load-config.ts';
import { options, optionSections } from './option-table.ts';
import { legacyOptions } from './options/legacy.ts';
import { isServed, servedOptions } from './served.ts';
import { parseDuration, parseSize } from './quantities.ts';

const all = [...optionSections.flatMap((section) => section.options), ...legacyOptions];

/** A configuration in which every section has something to read. */
const everything = {
  ...testOptions,
  listeners: [
    { port: 1, type: 'http', x_forwarded: true, resources: [{ names: ['client'] }] },
    { path: '/tmp/x', type: 'http' },
  ],
  database: undefined,
  databases: { main: { name: 'sqlite3', args: { database: ':memory:' } } },
  old_signing_keys: { 'ed25519:a': { key: 'A'.repeat(43), expired_ts: 1 } },
  alias_creation_rules: [{ action: 'allow' }],
  room_list_publication_rules: [{ action: 'allow' }],
  user_consent: { version: '1', template_dir: '/' },
  server_notices: { system_mxid_localpart: 'server' },
  password_config: { policy: { enabled: true } },
  presence: { enabled: true },
  media_upload_limits: [{ max_size: '1M', time_period: '1d' }],
  hs_disabled: true,
  enable_registration: true,
  enable_registration_without_verification: true,
  rc_admin_redaction: {},
  rc_messages_per_second: 1,
  rc_message_burst_count: 1,
};

describe('the option table', () => {
  it('names each option once', () => {
    const names = all.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(options.size).toBe(names.length);
  });

  it('describes each option in one line', () => {
    expect(all.filter(({ doc }) => doc.trim() === '' || doc.includes('\n'))).toEqual([]);
  });

  it('has defaults of the types that it says', () => {
    const wrong = all.filter(({ type, fallback }) => {
      if (fallback === undefined) return false;
      if (fallback === null) return !type.includes('or null');
      if (type.startsWith('boolean')) return typeof fallback !== 'boolean';
      if (type.startsWith('integer')) return !Number.isInteger(fallback);
      if (type.startsWith('number')) return typeof fallback !== 'number';
      if (type.startsWith('duration')) return parseDuration(fallback) === undefined;
      if (type.startsWith('size')) return parseSize(fallback) === undefined;
      if (type.startsWith('list')) return !Array.isArray(fallback);
      if (type.startsWith('map')) return typeof fallback !== 'object' || Array.isArray(fallback);
      if (type.startsWith('one of')) return !type.slice(7).split(', ').includes(String(fallback));
      return typeof fallback !== 'string';
    });
    expect(wrong).toEqual([]);
  });

  it('has every served option, and the loader reads each of them', () => {
    expect([...servedOptions].filter((name) => !options.has(name))).toEqual([]);
    const read = new Set<string>();
    for (const each of [everything, { ...testOptions, restrict_public_rooms_to_local_users: true }]) {
      configFromObject(each, { onRead: (name) => read.add(name) });
    }
    // These are read in other ways: as part of a whole, in a check, or (of Python's) not at all.
    const otherwise =
      /^(?:databases?(?:\.|$)|no_redirect_stdio|suppress_key_server_warning|use_frozen_dicts|gc_|gzip_responses|use_presence|disable_registration|hs_disabled)/;
    const leaves = [...options.values()].filter(
      ({ name }) =>
        isServed(name) &&
        !legacyOptions.some((old) => old.name === name && old.outcome !== 'accepted') &&
        ![...options.keys()].some((other) => other.startsWith(`${name}.`) || other.startsWith(`${name}[`)),
    );
    expect(leaves.map(({ name }) => name).filter((name) => !read.has(name) && !otherwise.test(name))).toEqual([]);
  });
});
