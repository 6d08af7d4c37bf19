import type { MatrixError } from '@myelin/api';
import { describe, expect, test } from 'vitest';
import { FederationError } from '../federation-client/index.ts';
import { askInTurn } from './ask-in-turn.ts';
import { BadAnswer } from './bad-answer.ts';
import { candidateServers } from './candidates.ts';

let time = 0;
const clock = { now: () => 0, monotonic: () => time };
const unreachable = (server: string) => new FederationError('unreachable', server, 'nobody there');
const refused = (server: string, status: number, code: string, details = {}) =>
  new FederationError('refused', server, 'refused', { status, code, details: { errcode: code, ...details } });

async function ask(outcomes: Record<string, unknown>): Promise<{ result: unknown; asked: string[] }> {
  const asked: string[] = [];
  const result: unknown = await askInTurn(Object.keys(outcomes), 'It failed', clock, async (server) => {
    asked.push(server);
    const outcome = outcomes[server];
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }).catch((error: unknown) => error);
  return { result, asked };
}

describe('servers asked in turn', () => {
  test('are asked until one does it', async () => {
    const { result, asked } = await ask({
      a: unreachable('a'),
      b: refused('b', 404, 'M_NOT_FOUND'),
      c: new BadAnswer('odd'),
      d: refused('d', 400, 'M_UNABLE_TO_GRANT_JOIN'),
      e: 'done',
      f: 'not asked',
    });
    expect(result).toBe('done');
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('are no more asked when two say that nobody may', async () => {
    const forbidden = refused('a', 403, 'M_FORBIDDEN', { error: 'You are banned' });
    expect((await ask({ a: forbidden, b: 'done' })).result).toBe('done');
    const { result, asked } = await ask({ a: forbidden, b: unreachable('b'), c: forbidden, d: 'not asked' });
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(result).toMatchObject({ code: 'M_FORBIDDEN', status: 403 });
    expect((result as MatrixError).message).toContain('You are banned');
  });

  test('fail with what says most', async () => {
    const { result } = await ask({ a: unreachable('a'), b: refused('b', 404, 'M_NOT_FOUND'), c: unreachable('c') });
    expect(result).toMatchObject({ code: 'M_NOT_FOUND', status: 404 });
    expect((await ask({ a: unreachable('a') })).result).toMatchObject({ status: 502 });
    expect((await ask({})).result).toMatchObject({ code: 'M_NOT_FOUND', status: 404 });
    const version = refused('a', 400, 'M_INCOMPATIBLE_ROOM_VERSION', { room_version: '99' });
    expect((await ask({ a: version })).result).toMatchObject({ details: { room_version: '99' } });
  });

  test('are followed by a last resort if none of them answers', async () => {
    const asked: string[] = [];
    const answerOf = (server: string): Promise<string> => {
      asked.push(server);
      if (server === 'home') return Promise.resolve('done');
      throw server === 'knowing' ? refused(server, 404, 'M_NOT_FOUND') : unreachable(server);
    };
    expect(await askInTurn(['a', 'b'], 'It failed', clock, answerOf, ['home'])).toBe('done');
    expect(await askInTurn([], 'It failed', clock, answerOf, ['home'])).toBe('done');
    await expect(askInTurn(['a', 'knowing'], 'It failed', clock, answerOf, ['home'])).rejects.toMatchObject({
      status: 404,
    });
    await expect(askInTurn(['a', 'b'], 'It failed', clock, answerOf, ['a'])).rejects.toMatchObject({ status: 502 });
    expect(asked).toEqual(['a', 'b', 'home', 'home', 'a', 'knowing', 'a', 'b']);
  });

  test('are given up after a time', async () => {
    const asked: string[] = [];
    const result = askInTurn(['a', 'b'], 'It failed', clock, async (server) => {
      asked.push(server);
      time += 1_000_000;
      throw unreachable(server);
    });
    await expect(result).rejects.toMatchObject({ status: 502 });
    expect(asked).toEqual(['a']);
  });

  test('pass on faults of our own', async () => {
    const fault = new TypeError('ours');
    expect((await ask({ a: fault, b: 'not asked' })).result).toBe(fault);
  });

  test('what another server says is shortened', async () => {
    const { result } = await ask({ a: refused('a', 403, 'M_FORBIDDEN', { error: 'x'.repeat(10_000) }) });
    expect((result as MatrixError).message.length).toBeLessThan(500);
  });
});

describe('servers that may know a room', () => {
  test('are each named once, in order, without this one and what is no server', () => {
    expect(candidateServers('here', ['b', 'here', 'a', 'not a server!'], [undefined, 'b', 'c:8448'])).toEqual([
      'b',
      'a',
      'c:8448',
    ]);
  });

  test('are not more than a few', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `s${i}.test`);
    expect(candidateServers('here', many)).toHaveLength(10);
  });
});
