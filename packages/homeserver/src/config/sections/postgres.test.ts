import { describe, expect, it } from 'vitest';
import { testConfig } from '../test-config.ts';
import { parseDsn } from './postgres.ts';

describe('a dsn', () => {
  it.each([
    [
      'postgres://user:pa%20ss@host:5433/name',
      { user: 'user', password: 'pa ss', host: 'host', port: '5433', dbname: 'name' },
    ],
    [
      'postgresql:///name?host=/run/postgresql&sslmode=require',
      { dbname: 'name', host: '/run/postgresql', sslmode: 'require' },
    ],
    ['postgres://[::1]/x', { host: '::1', dbname: 'x' }],
    ["host=h dbname = 'my db' password='it\\'s'", { host: 'h', dbname: 'my db', password: "it's" }],
    ['', {}],
  ])('%s', (dsn, keywords) => expect(parseDsn(dsn)).toEqual(keywords));

  it.each(['postgres://%zz@h/x', 'nonsense', 'a=b c'])('refuses %s', (dsn) => expect(parseDsn(dsn)).toBeUndefined());
});

describe('a psycopg2 block', () => {
  it('is read with its pool and TLS', () => {
    const { database } = testConfig({
      database: {
        name: 'psycopg2',
        allow_unsafe_locale: true,
        args: {
          user: 's',
          password: 1234,
          database: 'd',
          host: 'h',
          port: 5432,
          cp_min: 2,
          cp_max: 7,
          sslmode: 'verify-full',
          sslrootcert: '/ca.pem',
          keepalives: 0,
          connect_timeout: 3,
        },
      },
    });
    expect(database).toEqual({
      kind: 'postgres',
      host: 'h',
      port: 5432,
      user: 's',
      password: '1234',
      database: 'd',
      ssl: { mode: 'verify-full', rootCertificatePath: '/ca.pem', certificatePath: undefined, keyPath: undefined },
      applicationName: undefined,
      options: undefined,
      connectTimeoutMs: 3000,
      keepAlive: false,
      poolMin: 2,
      poolMax: 7,
      allowUnsafeLocale: true,
    });
  });

  it('lets single arguments win over the dsn', () => {
    const { database } = testConfig({ database: { name: 'psycopg2', args: { dsn: 'postgres://a@h/d', user: 'b' } } });
    expect(database).toMatchObject({ user: 'b', host: 'h', database: 'd', poolMin: 5, poolMax: 10 });
  });
});
