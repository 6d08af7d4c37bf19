import { beforeEach, expect, it } from 'vitest';
import { OriginLimits } from './origin-limits.ts';

let now: number;
let sleeping: { until: number; wake: () => void }[];
let limits: OriginLimits;
beforeEach(() => {
  now = 0;
  sleeping = [];
  limits = new OriginLimits({
    clock: { now: () => now, monotonic: () => now },
    timers: {
      sleep: (ms: number) => new Promise<void>((wake) => sleeping.push({ until: now + ms, wake })),
    } as never,
    limits: { windowSizeMs: 1000, sleepLimit: 10, sleepDelayMs: 500, rejectLimit: 50, concurrent: 3 },
  });
});

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function forward(ms: number): Promise<void> {
  now += ms;
  for (const { until, wake } of sleeping) if (until <= now) wake();
  sleeping = sleeping.filter(({ until }) => until > now);
  await settle();
}

/** Asks for a turn, and says when it came. */
function enter(origin = 'a.test') {
  const turn = { done: undefined as (() => void) | undefined, error: undefined as unknown };
  limits.enter(origin).then(
    (done) => (turn.done = done),
    (error: unknown) => (turn.error = error),
  );
  return turn;
}

it('a few requests of a server are worked on at once, the next ones in turn', async () => {
  const turns = Array.from({ length: 5 }, () => enter());
  await settle();
  expect(turns.map(({ done }) => done !== undefined)).toEqual([true, true, true, false, false]);
  turns[1]?.done?.();
  turns[1]?.done?.();
  await settle();
  expect(turns.map(({ done }) => done !== undefined)).toEqual([true, true, true, true, false]);
});

it('other servers do not wait for it', async () => {
  for (let i = 0; i < 40; i++) enter();
  const other = enter('b.test');
  await settle();
  expect(other.done).toBeDefined();
});

it('fast ones are slowed down', async () => {
  for (let i = 0; i < 10; i++) {
    const turn = enter();
    await settle();
    turn.done?.();
  }
  const late = enter();
  await settle();
  expect(late.done).toBeUndefined();
  await forward(500);
  expect(late.done).toBeDefined();
  late.done?.();
  await forward(1000);
  const calm = enter();
  await settle();
  expect(calm.done).toBeDefined();
});

it('all are slowed down while they come too fast, not only those beyond the first of each second', async () => {
  const slow: boolean[] = [];
  for (let i = 0; i < 60; i++) {
    const turn = enter();
    await settle();
    slow.push(turn.done === undefined);
    await forward(50);
    turn.done?.();
  }
  expect(slow.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => false));
  expect(slow.slice(10)).toEqual(Array.from({ length: 50 }, () => true));
});

it('work that fails leaves its place to the next', async () => {
  const failing = Array.from({ length: 3 }, () => limits.run('a.test', () => Promise.reject(new Error('no'))));
  const next = limits.run('a.test', async () => 7);
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await next).toBe(7);
});

it('too many that wait are refused, and those that wait get their turn', async () => {
  const turns = Array.from({ length: 1000 }, () => enter());
  await settle();
  const refused = turns.filter(({ error }) => error !== undefined);
  expect(refused).toHaveLength(1000 - 3 - 51);
  expect(refused[0]?.error).toMatchObject({ code: 'M_LIMIT_EXCEEDED', details: { retry_after_ms: 100 } });
  const waiting = new Set(turns.filter(({ error }) => error === undefined));
  for (let i = 0; i < 100 && waiting.size > 0; i++) {
    await forward(500);
    for (const turn of waiting) {
      if (!turn.done) continue;
      turn.done();
      waiting.delete(turn);
    }
  }
  expect(waiting.size).toBe(0);
});
