import { Worker } from 'node:worker_threads';
import { ResolutionBudgetError } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../observability/log.ts';
import type { RoomNid } from '../names/index.ts';
import { ResolutionThread } from './resolution-thread.ts';
import type { ResolutionJob } from './thread/messages.ts';

const job: ResolutionJob = {
  room: 1 as RoomNid,
  roomId: '!room:test',
  version: '11',
  states: [],
  pending: [],
  maxEvents: 100,
  lacksMembers: false,
};

const prelude = `import { parentPort as port } from 'node:worker_threads';`;
/** What runs in the thread, for each job `id`. */
const onJob = (what: string): string => `${prelude}
  port.on('message', ({ kind, id }) => { if (kind === 'resolve') { ${what} } });`;

describe('the thread for state resolution', () => {
  const threads: ResolutionThread[] = [];
  const errors: { err: Error }[] = [];
  const log = Object.assign(Object.create(silentLog) as typeof silentLog, {
    error: (facts: { err: Error }, message: string) => {
      expect(message).toBe('the thread for state resolution failed; the event loop takes its place');
      errors.push(facts);
    },
  });

  let worker: Worker;

  function threadOf(program: string | URL, timers = systemRuntime.timers): ResolutionThread {
    const url = typeof program === 'string' ? new URL(`data:text/javascript,${encodeURIComponent(program)}`) : program;
    const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
    const thread = new ResolutionThread({
      database: { kind: 'sqlite', path: 'none' },
      timers,
      log,
      start: (options) => (worker = new Worker(url, { ...options, resourceLimits })),
    });
    threads.push(thread);
    return thread;
  }

  afterEach(async () => {
    for (const thread of threads.splice(0)) await thread.stop();
    errors.splice(0);
  });

  const failures: readonly (readonly [string, string | URL, RegExp])[] = [
    ['has no file', new URL('file:///nowhere/main.js'), /Cannot find module/],
    ['can not be loaded', 'not a program', /Unexpected identifier/],
    ['throws at its start', 'throw new Error("no database")', /no database/],
    ['throws at work', onJob('throw new Error("a bug")'), /a bug/],
    ['ends by itself', onJob('process.exit(3)'), /ended by itself, with code 3/],
    ['ends without an error', 'process.exit(0)', /ended by itself, with code 0/],
    ['runs out of memory', onJob('const all = []; for (;;) all.push({ all: [all.length] });'), /memory/],
    ['answers with what can not be read', onJob('port.postMessage({ id, error: new Error("told") })'), /told/],
  ];
  it.each(failures)(
    'answers that it failed, and logs why, where it %s',
    { timeout: 60_000 },
    async (_how, program, why) => {
      const thread = threadOf(program);
      expect(await Promise.all([thread.resolve(job), thread.resolve(job)])).toEqual([undefined, undefined]);
      for (const { err } of errors) expect(String(err)).toMatch(why);
      expect(errors.length).toBeGreaterThan(0);
    },
  );

  it('answers so where a job can not be sent', async () => {
    const thread = threadOf(onJob(''));
    expect(await thread.resolve({ ...job, roomId: (() => 0) as never })).toBeUndefined();
    expect(String(errors[0]?.err)).toMatch(/could not be cloned/);
  });

  const silent = [
    ['hangs', onJob('for (;;);')],
    ['never answers', onJob('')],
  ];
  it.each(silent)('answers so after 20 s where it %s, and tries again after a minute', async (_how, program) => {
    const time = new ManualTime();
    const thread = threadOf(program!, time);
    let answered = 0;
    const asked = [thread.resolve(job), thread.resolve(job)];
    for (const one of asked) void one.then(() => answered++);
    time.advance(19_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(0);
    time.advance(1_000);
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
    expect(errors.map(({ err }) => err.message)).toEqual(['nothing was heard of a resolution for 20 s']);
    expect(thread.isRunning).toBe(false);
    expect(await thread.resolve(job)).toBeUndefined();
    expect(thread.isRunning).toBe(false);
    time.advance(60_000);
    void thread.resolve(job);
    expect(thread.isRunning).toBe(true);
  });

  it('is waited for as long as it says that it is at work', async () => {
    const time = new ManualTime();
    const signs = onJob(`
      port.on('message', (go) => port.postMessage(go === 'end' ? { id, result: { root: 7, changes: [] } } : { id, working: true }));
      port.postMessage({ id, working: true });`);
    const thread = threadOf(signs, time);
    const answer = thread.resolve(job);
    const sign = (): Promise<unknown> => new Promise((resolve) => worker.once('message', resolve));
    await sign();
    for (let i = 0; i < 5; i++) {
      time.advance(15_000);
      const told = sign();
      worker.postMessage('on');
      await told;
    }
    worker.postMessage('end');
    expect(await answer).toEqual({ root: 7, changes: [] });
    time.advance(25_000);
    expect(errors).toEqual([]);
    expect(thread.isRunning).toBe(true);
  });

  it('answers so where no thread can be started', async () => {
    const start = (): never => {
      throw new Error('no more threads');
    };
    const { timers } = systemRuntime;
    const thread = new ResolutionThread({ database: { kind: 'sqlite', path: 'none' }, timers, log, start });
    threads.push(thread);
    expect(await thread.resolve(job)).toBeUndefined();
    expect(errors[0]?.err.message).toBe('no more threads');
  });

  it('says where a budget is used up', async () => {
    const thread = threadOf(onJob('port.postMessage({ id, overBudget: 100 })'));
    await expect(thread.resolve(job)).rejects.toThrow(ResolutionBudgetError);
    expect(thread.isRunning).toBe(true);
  });

  it('does not keep a stop waiting, whatever it is at', { timeout: 20_000 }, async () => {
    const hanging = threadOf(onJob('for (;;);'));
    const answer = hanging.resolve(job);
    await hanging.stop();
    expect(await answer).toBeUndefined();
    expect(await hanging.resolve(job)).toBeUndefined();

    const time = new ManualTime();
    const endless = threadOf(onJob(''), time);
    const waiting = endless.resolve(job);
    const terminate = worker.terminate.bind(worker);
    // As inside of a query of SQLite that doesn't come back.
    worker.terminate = () => new Promise(() => {});
    const stopped = endless.stop();
    expect(await waiting).toBeUndefined();
    time.advance(2_000);
    await stopped;
    await terminate();
    expect(errors).toEqual([]);
  });
});
