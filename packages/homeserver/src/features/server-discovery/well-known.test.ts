import { OutboundError, type OutboundHttp, type OutboundRequest } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { cacheTime } from './cache-time.ts';
import { SeededBytes } from './testing/seeded-bytes.ts';
import { WellKnownCache } from './well-known.ts';

const hour = 3_600_000;

interface Given {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | AsyncIterable<Uint8Array>;
}

function cacheOf(answer: () => Given, seed = 3) {
  const asked: OutboundRequest[] = [];
  let now = 0;
  const http: OutboundHttp = {
    async request(request) {
      asked.push(request);
      const { status = 200, headers = {}, body = '' } = answer();
      const pieces = typeof body === 'string' ? [Buffer.from(body)] : body;
      return {
        status,
        headers,
        url: request.url,
        cancel: () => {},
        body: (async function* () {
          yield* pieces;
        })(),
      };
    },
    close: async () => {},
  };
  const clock = { now: () => now, monotonic: () => now };
  const cache = new WellKnownCache({ http, clock, random: new SeededBytes(seed), userAgent: 'test' });
  return { cache, asked, forward: (ms: number) => (now += ms) };
}

const says = (server: unknown): string => JSON.stringify({ 'm.server': server });

describe('/.well-known/matrix/server', () => {
  it('says where a server is', async () => {
    const { cache, asked } = cacheOf(() => ({ body: says('b.test:443') }));
    expect(await cache.serverOf('a.test')).toBe('b.test:443');
    expect(asked[0]).toMatchObject({ url: 'https://a.test/.well-known/matrix/server', method: 'GET', redirects: 5 });
  });

  it.each([
    ['another status', { status: 404, body: says('b.test') }],
    ['a 3xx that was not followed', { status: 304, body: says('b.test') }],
    ['no JSON', { body: '<html>' }],
    ['no object', { body: '["b.test"]' }],
    ['nothing', { body: '{}' }],
    ['no text', { body: says(1) }],
    ['no server name', { body: says('https://b.test') }],
    ['a server name with a path', { body: says('b.test/x') }],
    ['an empty name', { body: says('') }],
    ['more than 50 KB', { body: `{"x":"${'x'.repeat(51_200)}","m.server":"b.test"}` }],
    [
      'a body without an end',
      {
        body: (async function* () {
          for (;;) yield Buffer.alloc(10_000, ' ');
        })(),
      },
    ],
  ])('says nothing with %s', async (_name, given) => {
    const { cache } = cacheOf(() => given);
    expect(await cache.serverOf('a.test')).toBeUndefined();
  });

  it('says nothing where there is no answer', async () => {
    const { cache } = cacheOf(() => {
      throw new OutboundError('not-found', 'nowhere');
    });
    expect(await cache.serverOf('a.test')).toBeUndefined();
  });

  it('is asked once by many at the same time', async () => {
    const { cache, asked } = cacheOf(() => ({ body: says('b.test') }));
    await Promise.all(Array.from({ length: 50 }, () => cache.serverOf('a.test')));
    expect(asked).toHaveLength(1);
  });

  it('is kept as long as it says, and failures for an hour', async () => {
    let given: Given = { body: says('b.test'), headers: { 'cache-control': 'max-age=36000' } };
    const { cache, asked, forward } = cacheOf(() => given);
    await cache.serverOf('a.test');
    forward(7 * hour);
    await cache.serverOf('a.test');
    expect(asked).toHaveLength(1);
    given = { status: 404 };
    forward(5 * hour);
    expect(await cache.serverOf('a.test')).toBeUndefined();
    forward(hour / 2);
    await cache.serverOf('a.test');
    expect(asked).toHaveLength(2);
    given = { body: says('c.test') };
    forward(hour);
    expect(await cache.serverOf('a.test')).toBe('c.test');
  });

  it('is kept no longer than two days, and failures no longer than an hour', async () => {
    const given: Record<string, Given> = {
      long: { body: says('b.test'), headers: { 'cache-control': 'max-age=99999999' } },
      bad: { status: 404 },
    };
    for (const [kind, most] of [
      ['long', 48 * hour],
      ['bad', hour],
    ] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const { cache, asked, forward } = cacheOf(() => given[kind] as Given, seed);
        await cache.serverOf('a.test');
        forward(most);
        await cache.serverOf('a.test');
        expect(asked).toHaveLength(2);
        await cache.serverOf('a.test');
        expect(asked).toHaveLength(2);
      }
    }
  });

  it('holds to its end though it fails when it is fetched anew', async () => {
    let given: Given = { body: says('b.test'), headers: { 'cache-control': 'max-age=36000' } };
    const { cache, asked, forward } = cacheOf(() => given);
    await cache.serverOf('a.test');
    given = { status: 500 };
    // Nine tenths of its time.
    forward(8.9 * hour);
    expect(await cache.serverOf('a.test')).toBe('b.test');
    expect(await cache.serverOf('a.test')).toBe('b.test');
    expect(asked).toHaveLength(2);
    await new Promise((resolve) => setImmediate(resolve));
    forward(3 * hour);
    expect(await cache.serverOf('a.test')).toBeUndefined();
  });
});

describe('the time that an answer is kept', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    [{}, 24 * hour],
    [{ 'cache-control': 'max-age=7200' }, 2 * hour],
    [{ 'cache-control': 'public, Max-Age="7200"' }, 2 * hour],
    [{ 'cache-control': 'max-age=7200', age: '3600' }, hour],
    [{ 'cache-control': 'max-age=99999999999' }, 48 * hour],
    [{ 'cache-control': 'max-age=0' }, hour / 12],
    [{ 'cache-control': 'max-age=-1' }, 24 * hour],
    [{ 'cache-control': 'no-store' }, hour / 12],
    [{ 'cache-control': 'no-cache, max-age=7200' }, hour / 12],
    [{ expires: 'Thu, 01 Jan 2026 03:00:00 GMT' }, 3 * hour],
    [{ expires: '0' }, hour / 12],
    [{ expires: 'Thu, 01 Jan 2026 03:00:00 GMT', 'cache-control': 'max-age=7200' }, 2 * hour],
  ])('is as %j says', (headers, time) => {
    expect(cacheTime(headers as Record<string, string>, now)).toBe(time);
  });
});
