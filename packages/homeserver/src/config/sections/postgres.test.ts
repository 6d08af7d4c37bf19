import { describe, expect, it } from 'vitest';
import { testConfig } from '../test-config.ts';

const block = (args: object, more: object = {}) => ({ database: { name: 'psycopg2', args, ...more } });

describe('a psycopg2 block', () => {
  it('is handed on, with numbers as numbers and texts as texts', () => {
    const args = {
      user: 's',
      password: 1234,
      dbname: 'd',
      host: '/run/postgresql',
      port: '5433',
      cp_min: 2,
      cp_max: 7,
      sslmode: 'verify-full',
      keepalives: 0,
    };
    const { database, notices } = testConfig(
      block(args, { allow_unsafe_locale: true, synchronous_commit: false, statement_timeout: 1000 }),
    );
    expect(database).toEqual({
      ...args,
      password: '1234',
      port: 5433,
      kind: 'postgres',
      allowUnsafeLocale: true,
      synchronousCommit: false,
      statementTimeout: 1000,
    });
    expect(notices.filter((notice) => notice.includes('database'))).toEqual([]);
  });

  it('keeps a dsn as it is', () => {
    const dsn = 'postgres://user:password@host/name';
    expect(testConfig(block({ dsn })).database).toEqual({
      kind: 'postgres',
      dsn,
      allowUnsafeLocale: false,
      synchronousCommit: true,
      statementTimeout: 600_000,
    });
  });

  it('says which arguments have no effect', () => {
    const { notices } = testConfig(block({ dbname: 'd', gssencmode: 'disable', cp_reconnect: true }));
    expect(notices).toContain('database.args.gssencmode is not known here and has no effect');
    expect(notices.join()).not.toContain('cp_reconnect');
  });

  it.each([
    [block({ port: 'x' }), 'database.args.port: expected a whole number, not "x"'],
    [block({ user: ['a'] }), 'database.args.user: expected a text, not a list'],
    [block({}, { statement_timeout: '1h' }), 'database.statement_timeout: expected a number of milliseconds, not "1h"'],
    [{ database: { name: 'psycopg2', args: 'x' } }, 'database.args: expected a mapping, not "x"'],
  ])('%j is refused', (overrides, sentence) => expect(() => testConfig(overrides)).toThrow(sentence));
});
