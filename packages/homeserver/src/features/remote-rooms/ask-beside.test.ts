import { ManualTime } from '@myelin/runtime/testing';
import { beforeEach, expect, it } from 'vitest';
import { askBeside } from './ask-beside.ts';

type Answer = PromiseWithResolvers<string | undefined>;

let time: ManualTime;
let asked: Map<string, { answer: Answer; signal: AbortSignal; answered: () => void }>;
let end: AbortController;
beforeEach(() => {
  time = new ManualTime();
  asked = new Map();
  end = new AbortController();
});
const ask = (servers: readonly string[]): Promise<string | undefined> =>
  askBeside(servers, { timers: time, aloneMs: 4_000, signal: end.signal }, (server, signal, answered) => {
    const answer = Promise.withResolvers<string | undefined>();
    signal.addEventListener('abort', () => answer.resolve(undefined));
    asked.set(server, { answer, signal, answered });
    return answer.promise;
  });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const reply = async (server: string, found: string | undefined): Promise<void> => {
  asked.get(server)?.answer.resolve(found);
  await settle();
};

it('one is asked after the other as long as they have nothing', async () => {
  const found = ask(['a', 'b', 'c']);
  await reply('a', undefined);
  expect([...asked.keys()]).toEqual(['a', 'b']);
  await reply('b', 'history');
  expect(await found).toBe('history');
  expect([...asked.keys()]).toEqual(['a', 'b']);
});

it('beside one that is silent another is asked, and who is late is given up', async () => {
  const found = ask(['a', 'b', 'c']);
  time.advance(3_999);
  expect([...asked.keys()]).toEqual(['a']);
  time.advance(1);
  expect([...asked.keys()]).toEqual(['a', 'b']);
  time.advance(4_000);
  expect([...asked.keys()]).toEqual(['a', 'b', 'c']);
  await reply('b', 'history');
  expect(await found).toBe('history');
  expect(asked.get('a')?.signal.aborted).toBe(true);
});

it('who was silent may still have something', async () => {
  const found = ask(['a', 'b']);
  time.advance(4_000);
  await reply('b', undefined);
  await reply('a', 'late');
  expect(await found).toBe('late');
});

it('who has answered is left alone to take it in', async () => {
  const found = ask(['a', 'b']);
  asked.get('a')?.answered();
  time.advance(60_000);
  expect([...asked.keys()]).toEqual(['a']);
  await reply('a', undefined);
  expect([...asked.keys()]).toEqual(['a', 'b']);
  await reply('b', undefined);
  expect(await found).toBeUndefined();
});

it('it ends with the signal, and with a fault', async () => {
  const found = ask(['a', 'b', 'c']);
  time.advance(4_000);
  end.abort();
  expect(await found).toBeUndefined();
  expect([...asked.keys()]).toEqual(['a', 'b']);
  end = new AbortController();
  const failing = ask(['d', 'e']);
  asked.get('d')?.answer.reject(new Error('a fault'));
  await expect(failing).rejects.toThrow('a fault');
  time.advance(60_000);
  expect(asked.has('e')).toBe(false);
  expect(await ask([])).toBeUndefined();
});
