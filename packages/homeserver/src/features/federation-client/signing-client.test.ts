import { federation } from '@myelin/api';
import { SigningKey, VerifyKey } from '@myelin/protocol';
import { parseXMatrix } from '../../http/index.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { callPath } from './call-path.ts';
import { FederationError } from './federation-error.ts';
import type { FederationRequest } from './federation-transport.ts';
import { RequestSigner, signedRequestBytes } from './signed-request.ts';
import { SigningFederationClient } from './signing-client.ts';

const key = new SigningKey('ed25519:us', Buffer.alloc(32, 1));
const verifyKey = VerifyKey.fromBase64(key.publicKey) as VerifyKey;

interface Given {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | (() => AsyncGenerator<Uint8Array>);
}

let sent: FederationRequest[];
let answers: (Given | Error)[];
let pauses: number[];
let failed: string[];
let reachable: string[];
let retryAt: number | undefined;
let cancelled: number;
let turns: number;
let client: SigningFederationClient;

it('names in a path what another server named by half a character, as something else', () => {
  const path = callPath(federation.getEvent, { eventId: '$a\uD800' });
  expect(path).toBe('/_matrix/federation/v1/event/%24a%EF%BF%BD');
});

let looks = 0;

beforeEach(() => {
  [sent, answers, pauses, failed, reachable, retryAt, cancelled, turns] = [[], [], [], [], [], undefined, 0, 0];
  client = new SigningFederationClient({
    serverName: 'us.test',
    transport: {
      async exchange(request) {
        sent.push(request);
        const answer = answers.length > 1 ? (answers.shift() as Given | Error) : answers[0];
        if (!answer) throw new Error('no answer given');
        if (answer instanceof Error) throw answer;
        const { status = 200, headers = {}, body = '{}' } = answer;
        async function* pieces(): AsyncGenerator<Uint8Array> {
          yield Buffer.from(body as string);
        }
        return { status, headers, body: typeof body === 'string' ? pieces() : body(), cancel: () => cancelled++ };
      },
    },
    signer: new RequestSigner({ serverName: 'us.test', key }),
    destinations: {
      retryAt: async () => retryAt,
      failed: async (server: string) => failed.push(server),
      reachable: async (server: string) => reachable.push(server),
    } as never,
    // Each look at the clock takes a millisecond.
    clock: { now: () => 0, monotonic: () => ++looks },
    timers: {
      soon: (task: () => void) => {
        turns++;
        setImmediate(task);
      },
      sleep: async (ms: number) => {
        pauses.push(ms);
      },
    } as never,
    // The middle of what chance may do: pauses are as they are.
    random: { bytes: (count) => Buffer.concat([Buffer.from([0x80]), Buffer.alloc(count - 1)]) },
    isAllowed: (server) => server !== 'banned.test',
    timeoutMs: 60_000,
    retries: { short: { most: 3, longestDelayMs: 2000 }, long: { most: 10, longestDelayMs: 60_000 } },
    userAgent: 'Myelin/test',
  });
});

const profile = (options = {}, server = 'them.test') =>
  client.call(server, federation.queryProfile, { query: { user_id: '@a:them.test' } }, options);
const unreachable = new FederationError('unreachable', 'them.test', 'gone');

describe('a call', () => {
  it('is signed, with its destination', async () => {
    answers = [{ body: '{"displayname":"A"}' }];
    expect(await profile()).toEqual({ displayname: 'A' });
    const [request] = sent as [FederationRequest];
    expect(request).toMatchObject({
      destination: 'them.test',
      method: 'GET',
      path: '/_matrix/federation/v1/query/profile?user_id=%40a%3Athem.test',
      timeoutMs: 60_000,
    });
    const claim = parseXMatrix(request.headers['authorization'] as string);
    expect(claim).toMatchObject({ origin: 'us.test', destination: 'them.test', key: 'ed25519:us' });
    const signed = {
      method: 'GET',
      uri: request.path,
      origin: 'us.test',
      destination: 'them.test',
      content: undefined,
    };
    expect(verifyKey.verify(signedRequestBytes(signed), claim?.signature as string)).toBe(true);
    expect(reachable).toEqual(['them.test']);
  });

  it('is signed with its body, given as an object or as text', async () => {
    answers = [{ body: '{"pdus":{}}' }];
    const body = { origin: 'us.test', origin_server_ts: 1, pdus: [{ z: 1, a: 2 }] };
    await client.call('them.test', federation.sendTransaction, { params: { txnId: 'a/b' }, body });
    const canonicalBody = '{"origin":"us.test","origin_server_ts":1,"pdus":[{"a":2,"z":1}]}';
    await client.call('them.test', federation.sendTransaction, { params: { txnId: 'a/b' }, canonicalBody });
    expect(sent.map((request) => request.body)).toEqual([canonicalBody, canonicalBody]);
    expect(sent[0]?.path).toBe('/_matrix/federation/v1/send/a%2Fb');
    expect(sent[0]?.headers['authorization']).toBe(sent[1]?.headers['authorization']);
    const claim = parseXMatrix(sent[0]?.headers['authorization'] as string);
    const uri = sent[0]?.path as string;
    const signed = { method: 'PUT', uri, origin: 'us.test', destination: 'them.test', content: canonicalBody };
    expect(verifyKey.verify(signedRequestBytes(signed), claim?.signature as string)).toBe(true);
  });

  it('for keys carries no signature', async () => {
    answers = [{ body: '{"server_name":"a","verify_keys":{},"signatures":{},"valid_until_ts":1}' }];
    await client.call('them.test', federation.getServerKey);
    expect(sent[0]?.headers['authorization']).toBeUndefined();
  });

  it.each(['..', '.'])('never leaves its path: %s', async (txnId) => {
    answers = [{ body: '{"pdus":{}}' }];
    await client.call('them.test', federation.sendTransaction, { params: { txnId }, canonicalBody: '{}' });
    expect(sent[0]?.path).toBe(`/_matrix/federation/v1/send/${txnId.replaceAll('.', '%2E')}`);
  });

  it.each(['banned.test', 'us.test', 'not a name', 'a/b', ''])('does not go to %j', async (server) => {
    await expect(profile({}, server)).rejects.toMatchObject({ kind: 'not-allowed' });
    expect(sent).toEqual([]);
  });

  it('does not go to who failed lately, unless it must', async () => {
    retryAt = 1;
    await expect(profile()).rejects.toMatchObject({ kind: 'backing-off' });
    answers = [{}];
    await profile({ ignoreBackoff: true });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['short', 3, [500, 1000, 2000]],
    ['long', 10, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]],
    ['none', 0, []],
  ])('is tried again (%s) where nobody answers', async (retries, times, waits) => {
    answers = [unreachable];
    await expect(profile({ retries })).rejects.toBe(unreachable);
    expect(sent).toHaveLength(times + 1);
    expect(pauses.map(Math.round)).toEqual(waits);
    expect(failed).toEqual(['them.test']);
  });

  it('is tried again after 5xx and 429, until it is answered', async () => {
    answers = [{ status: 502 }, { status: 429, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}' }, {}];
    expect(await profile()).toEqual({});
    expect(pauses.map(Math.round)).toEqual([500, 1500]);
    expect(failed).toEqual([]);
  });

  it.each([
    [403, 'M_FORBIDDEN', 'reachable'],
    [404, 'M_NOT_FOUND', 'reachable'],
    [401, 'M_UNAUTHORIZED', 'failed'],
    [400, undefined, 'reachable'],
  ])('that is refused with %d says why', async (status, errcode, standing) => {
    answers = [{ status, body: errcode ? JSON.stringify({ errcode, error: 'no', more: 1 }) : '<html>' }];
    const error = await profile().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'refused', status, code: errcode, destination: 'them.test' });
    expect(sent).toHaveLength(1);
    expect({ reachable: reachable.length, failed: failed.length }[standing]).toBe(1);
  });

  it('that the caller gives up says nothing of the other server', async () => {
    const controller = new AbortController();
    answers = [unreachable];
    controller.abort(new Error('enough'));
    await expect(profile({ signal: controller.signal })).rejects.toBe(unreachable);
    expect([failed, reachable, sent.length]).toEqual([[], [], 1]);
  });
});

describe('an answer', () => {
  it.each([
    ['no JSON', { body: '<html>' }],
    ['cut off JSON', { body: '{"displayname":' }],
    ['text that is not UTF-8', { body: '{"displayname":"\u{0}'.replace('\u{0}', '\ufffe') }],
    ['another shape', { body: '{"displayname":1}' }],
    ['no object', { body: '[]' }],
    ['a redirect', { status: 302, headers: { location: 'https://else.test' } }],
    ['more than is taken', { body: '{"displayname":"' + 'x'.repeat(100) + '"}' }],
    ['more than is taken, announced', { headers: { 'content-length': '101' } }],
    ['JSON that is nested too deeply', { body: '{"a":'.repeat(2000) }],
  ])('with %s is not taken', async (_name, answer) => {
    answers = [answer];
    await expect(profile({ maxBytes: 100 })).rejects.toMatchObject({ kind: 'bad-answer' });
    expect(sent).toHaveLength(1);
  });

  it('that breaks off is one that never came', async () => {
    answers = [
      {
        async *body() {
          yield Buffer.from('{');
          throw new Error('reset');
        },
      },
    ];
    await expect(profile({ retries: 'none' })).rejects.toMatchObject({ kind: 'unreachable' });
    expect(failed).toEqual(['them.test']);
  });

  it('keeps numbers as they were written', async () => {
    answers = [{ body: '{"displayname":"A","n":[1.0,100000000000000000000]}' }];
    expect(JSON.stringify(await profile())).toBe('{"displayname":"A","n":[1.0,100000000000000000000]}');
  });

  const repeated = (text: string, times: number) => Array.from({ length: times }, () => text).join(',');

  it('that is large is parsed in many turns', async () => {
    const text = `{"displayname":"A","n":[${repeated('[1.0]', 100_000)}]}`;
    answers = [{ body: text }];
    expect(JSON.stringify(await profile())).toBe(text);
    // A pause after every four looks at the clock, of which there is one for every 16 KiB at least.
    expect(turns).toBeGreaterThan(text.length / 16_384 / 4);
  });

  it('is taken without the items that are larger than any', async () => {
    const text = (item: string) => `{"displayname":"A","n":[${item},{"a":1},${repeated('1', 9_000)}]}`;
    answers = [{ body: text(`{"a":[${repeated('1', 100_001)}]}`) }];
    expect(JSON.stringify(await profile())).toBe(text('null'));
  });

  it('of millions of values is not taken', async () => {
    const lists = Array.from({ length: 9 }, (_, n) => `"${n}":[${repeated('1', 800_000)}]`).join(',');
    answers = [{ body: `{"displayname":"A",${lists}}` }];
    await expect(profile()).rejects.toMatchObject({ kind: 'bad-answer' });
  });

  it('that is streamed is bounded too', async () => {
    answers = [{ headers: { 'content-type': 'multipart/mixed' }, body: 'x'.repeat(101) }];
    const params = { mediaId: 'abc' };
    const { headers, body } = await client.stream('them.test', federation.getContent, { params }, { maxBytes: 100 });
    expect(headers).toEqual({ 'content-type': 'multipart/mixed' });
    const read = async (): Promise<void> => {
      for await (const piece of body) expect(piece.length).toBeLessThan(101);
    };
    await expect(read()).rejects.toMatchObject({ kind: 'bad-answer' });
    answers = [{ status: 404, body: '{"errcode":"M_NOT_FOUND"}' }];
    await expect(client.stream('them.test', federation.getContent, { params })).rejects.toMatchObject({ status: 404 });
  });
});
