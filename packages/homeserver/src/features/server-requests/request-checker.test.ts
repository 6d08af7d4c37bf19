import { federation } from '@myelin/api';
import { canonicalJson, SigningKey, VerifyKey, type JsonValue } from '@myelin/protocol';
import { systemTimers } from '@myelin/runtime';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InProcessServer, noLimits, parseXMatrix, route } from '../../http/index.ts';
import { OriginLimits } from './origin-limits.ts';
import { RequestChecker } from './request-checker.ts';

const key = new SigningKey('ed25519:1', Buffer.alloc(32, 1));
const other = new SigningKey('ed25519:2', Buffer.alloc(32, 2));
const keys = new Map([key, other].map((each) => [each.keyId, VerifyKey.fromBase64(each.publicKey) as VerifyKey]));

const spoken: string[] = [];
const checker = new RequestChecker({
  serverName: 'us.test',
  clock: { now: () => 1000, monotonic: () => 0 },
  keys: {
    keysFor: async () => (server, keyId) => (['them.test', 'us.test'].includes(server) ? keys.get(keyId) : undefined),
    keySetFor: async () => ({ at: () => () => undefined }),
  },
  timers: systemTimers,
  destinations: {
    reachable: async (server) => {
      spoken.push(server);
    },
  },
  limits: new OriginLimits({
    clock: { now: () => 0, monotonic: () => 0 },
    timers: systemTimers,
    limits: { windowSizeMs: 1000, sleepLimit: 1000, sleepDelayMs: 0, rejectLimit: 50, concurrent: 3 },
  }),
  isAllowed: (server) => server !== 'banned.test',
});
const faults: unknown[] = [];
const server = new InProcessServer(
  [
    route(federation.queryProfile, async ({ origin }) => ({ displayname: origin })),
    route(
      federation.sendTransaction,
      async ({ origin, body }) => ({ pdus: { [origin]: body.pdus?.[0] as object } }) as never,
    ),
  ],
  { authenticate: () => Promise.reject(new Error('no users here')) },
  noLimits,
  (fault) => faults.push(fault),
  checker,
);

const uri = '/_matrix/federation/v1/query/profile?user_id=%40a%3Aus.test';

interface Signed {
  readonly method?: string;
  readonly uri?: string;
  readonly origin?: string;
  readonly destination?: string | undefined;
  readonly content?: JsonValue;
  readonly by?: SigningKey;
}

function sign(request: Signed = {}): string {
  const { by = key, ...rest } = request;
  const all = { method: 'GET', uri, origin: 'them.test', destination: 'us.test', ...rest };
  const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return by.sign(canonicalJson(said as JsonValue, 'lenient'));
}

function ask(authorization: string | undefined, url = uri) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return server.exchange({ method: 'GET', url, headers });
}

describe('a request of another server', () => {
  it.each([
    ['quoted', (sig: string) => `X-Matrix origin="them.test",destination="us.test",key="ed25519:1",sig="${sig}"`],
    ['unquoted', (sig: string) => `X-Matrix origin=them.test,destination=us.test,key=ed25519:1,sig=${sig}`],
    ['other order', (sig: string) => `X-Matrix sig="${sig}",key="ed25519:1",destination=us.test,origin="them.test"`],
    [
      'spaces, case',
      (sig: string) => `x-matrix  Origin = "them.test" , KEY="ed25519:1" ,, sig="${sig}",destination=us.test`,
    ],
    ['unknown parameters', (sig: string) => `X-Matrix a="b,c\\"",origin=them.test,key="ed25519:1",sig="${sig}"`],
    ['escapes', (sig: string) => `X-Matrix origin="them\\.test",key="ed25519:1",sig="${sig}"`],
    ['no destination', (sig: string) => `X-Matrix origin=them.test,key="ed25519:1",sig="${sig}"`],
  ])('is let in: %s', async (_name, header) => {
    const answer = await ask(header(sign()));
    expect(answer).toMatchObject({ status: 200, text: '{"displayname":"them.test"}' });
    expect(spoken.at(-1)).toBe('them.test');
  });

  const get = { method: 'GET', uri, body: undefined, ip: '127.0.0.1', operation: 'x' };
  const good = sign();
  it.each([
    ['no header', undefined],
    ['another scheme', 'Bearer abc'],
    ['only the scheme', 'X-Matrix'],
    ['no key', `X-Matrix origin=them.test,sig="${good}"`],
    ['no signature', 'X-Matrix origin=them.test,key="ed25519:1"'],
    ['no origin', `X-Matrix key="ed25519:1",sig="${good}"`],
    ['a quote that is not closed', `X-Matrix origin="them.test,key="ed25519:1",sig="${good}"`],
    ['a parameter twice', `X-Matrix origin=them.test,origin=them.test,key="ed25519:1",sig="${good}"`],
    ['an origin that is no server name', `X-Matrix origin="them.test/",key="ed25519:1",sig="${good}"`],
    ['our own name', `X-Matrix origin=us.test,key="ed25519:1",sig="${sign({ origin: 'us.test' })}"`],
    ['another destination', `X-Matrix origin=them.test,destination=else.test,key="ed25519:1",sig="${good}"`],
    [
      'signed for another destination',
      `X-Matrix origin=them.test,key="ed25519:1",sig="${sign({ destination: 'x.test' })}"`,
    ],
    [
      'signed without a destination',
      `X-Matrix origin=them.test,key="ed25519:1",sig="${sign({ destination: undefined })}"`,
    ],
    ['signed for another path', `X-Matrix origin=them.test,key="ed25519:1",sig="${sign({ uri: `${uri}x` })}"`],
    ['signed for another method', `X-Matrix origin=them.test,key="ed25519:1",sig="${sign({ method: 'PUT' })}"`],
    ['an unknown key', `X-Matrix origin=them.test,key="ed25519:3",sig="${good}"`],
    ['a key of another kind', `X-Matrix origin=them.test,key="rsa:1",sig="${good}"`],
    ["another server's name", `X-Matrix origin=else.test,key="ed25519:1",sig="${sign({ origin: 'else.test' })}"`],
    ['rubbish as the signature', 'X-Matrix origin=them.test,key="ed25519:1",sig="AAAA"'],
  ])('is refused: %s', async (_name, header) => {
    const answer = await ask(header);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ errcode: 'M_UNAUTHORIZED' });
  });

  it('is refused for a server that we do not federate with', async () => {
    const header = `X-Matrix origin=banned.test,key="ed25519:1",sig="${sign({ origin: 'banned.test' })}"`;
    expect(await ask(header)).toMatchObject({ status: 403 });
  });

  it('may be signed by several keys, all of them good', async () => {
    const headers = [
      `X-Matrix origin=them.test,key="ed25519:1",sig="${sign()}"`,
      `X-Matrix origin=them.test,key="ed25519:2",sig="${sign({ by: other })}"`,
    ];
    const claim = await checker.claimOf(headers);
    expect(await claim.verify(get)).toMatchObject({ origin: 'them.test' });
  });

  it.each([
    [
      'one of them bad',
      [
        ['them.test', 'ed25519:1', good],
        ['them.test', 'ed25519:2', good],
      ],
    ],
    [
      'of two servers',
      [
        ['them.test', 'ed25519:1', good],
        ['else.test', 'ed25519:2', good],
      ],
    ],
    [
      'two by one key',
      [
        ['them.test', 'ed25519:1', good],
        ['them.test', 'ed25519:1', good],
      ],
    ],
    ['eleven', Array.from({ length: 11 }, () => ['them.test', 'ed25519:1', good])],
  ])('is refused with several signatures, %s', async (_name, signatures) => {
    const headers = signatures.map(([origin, keyId, sig]) => `X-Matrix origin=${origin},key="${keyId}",sig="${sig}"`);
    const check = async () => (await checker.claimOf(headers)).verify(get);
    await expect(check()).rejects.toMatchObject({ code: 'M_UNAUTHORIZED' });
  });

  const transaction = '/_matrix/federation/v1/send/1';
  const put = (content: JsonValue, body: string) => {
    const sig = sign({ method: 'PUT', uri: transaction, content });
    const headers = { authorization: `X-Matrix origin=them.test,destination=us.test,key="ed25519:1",sig="${sig}"` };
    return server.exchange({ method: 'PUT', url: transaction, headers, body });
  };
  const body = (pdu: string) => `{"origin":"them.test","origin_server_ts":1,"pdus":[${pdu}]}`;

  it('is signed with its body, numbers of old room versions included', async () => {
    const content = { origin: 'them.test', origin_server_ts: 1, pdus: [{ a: 1.5 }] };
    expect(await put(content, body('{"a":1.5}'))).toMatchObject({ status: 200 });
    expect(await put(content, body('{"a":1.6}'))).toMatchObject({ status: 401 });
    expect(await put(content, body('{"a":1.5,"b":1}'))).toMatchObject({ status: 401 });
    expect(await put(content, '')).toMatchObject({ status: 400 });
    expect(faults).toEqual([]);
  });
});

describe('the header', () => {
  it('is read in a time that grows with its length, whatever it is', () => {
    for (const text of [
      'X-Matrix ' + ',a'.repeat(8000),
      'X-Matrix a="' + '\\'.repeat(16_000),
      'X-Matrix ' + ' '.repeat(16_000),
    ]) {
      const start = performance.now();
      parseXMatrix(text);
      expect(performance.now() - start).toBeLessThan(200);
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseXMatrix(`X-Matrix ${text}`)));
  });

  it('gives back what a server quotes', () => {
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 1 });
    fc.assert(
      fc.property(text, text, (origin, signature) => {
        const quote = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
        const header = `X-Matrix origin=${quote(origin)},key="ed25519:1",sig=${quote(signature)}`;
        expect(parseXMatrix(header)).toEqual({ origin, signature, key: 'ed25519:1', destination: undefined });
      }),
    );
  });
});
