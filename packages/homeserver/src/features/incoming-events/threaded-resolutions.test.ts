import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { migrate, openDatabase, openReadOnly, type Database, type DatabaseOptions } from '@myelin/database';
import { postgresForTests } from '@myelin/database/testing';
import { stateMapKey } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import { ManualTime, SeededDice } from '@myelin/runtime/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { createCore, type Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import { silentLog } from '../../observability/log.ts';
import { Counters } from '../counters/index.ts';
import { Events } from '../events/index.ts';
import { Names } from '../names/index.ts';
import { ResolutionThread } from '../state-resolution/index.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { addRandom, anyHistory, startRoom, type Dice } from './testing/random-history.ts';
import { TangledHistory } from './testing/tangled-history.ts';

/** A database that a thread can open too. */
interface SharedDatabase {
  readonly options: DatabaseOptions;
  dispose(): Promise<void>;
}

async function sqliteFile(): Promise<SharedDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'myelin-thread-'));
  const options = { kind: 'sqlite' as const, path: join(folder, 'database') };
  return { options, dispose: () => rm(folder, { recursive: true }) };
}

const kinds = [
  ['sqlite', sqliteFile],
  ['postgres', postgresForTests],
] as const;

describe.each(kinds)('%s: resolutions in a thread', (kind, make) => {
  let shared: SharedDatabase | undefined;
  let database: Database;
  let rooms = 0;
  const threads: CountingThread[] = [];

  /** Tells how often it was asked, and how often it did it. */
  class CountingThread extends ResolutionThread {
    asked = 0;
    done = 0;
    onAsked: () => void = () => {};

    override async resolve(job: Parameters<ResolutionThread['resolve']>[0]) {
      this.asked++;
      const answer = super.resolve(job);
      this.onAsked();
      const result = await answer;
      if (result) this.done++;
      return result;
    }
  }

  function newThread(options: DatabaseOptions, timers = systemRuntime.timers, log = silentLog): CountingThread {
    const thread = new CountingThread({ database: options, timers, log });
    threads.push(thread);
    return thread;
  }

  const coreWith = (thread: ResolutionThread): Promise<Core> =>
    createCore(testConfig(), systemRuntime, database, { thread, mostInPlace: 0 });

  beforeAll(async () => {
    shared = await make();
    if (!shared) return;
    database = await openDatabase(shared.options, systemRuntime);
    await migrate(database, allMigrations);
  });
  afterAll(async () => {
    for (const thread of threads) await thread.stop();
    await database?.close();
    await shared?.dispose();
  });

  /** Everything that happens in a random room; each event must have the state that the plain algorithm says. */
  async function follow(core: Core, version: string, all: readonly Dice[]): Promise<void> {
    const { room, join: entry } = startRoom(version, `!thread${rooms++}:a.test`);
    const bench = new IntakeBench(core, room);
    await bench.enter(entry);
    for (const each of all) {
      const event = addRandom(room, entry, each);
      await bench.receive(event);
      const stored = await core.events.find(event.eventId);
      const state = await core.states.all(stored!.fields.stateAfter);
      const found = new Map(state.map((one) => [stateMapKey(one.type, one.stateKey ?? ''), one.eventId]));
      expect(found).toEqual(new Map(event.state));
    }
  }

  it.each(['6', '11', '12'])('come to the same in version %s', { timeout: 120_000 }, async (version) => {
    if (!shared) return;
    const thread = newThread(shared.options);
    const core = await coreWith(thread);
    const histories = anyHistory(20, 40);
    await fc.assert(
      fc.asyncProperty(histories, (all) => follow(core, version, all)),
      { numRuns: kind === 'sqlite' ? 4 : 2, endOnFailure: true },
    );
    expect(thread.asked).toBeGreaterThan(0);
    expect(thread.done).toBe(thread.asked);
  });

  it('hear of what comes into the index of auth chains', { timeout: 60_000 }, async () => {
    if (!shared) return;
    const thread = newThread(shared.options);
    const history = new TangledHistory(new SeededDice(7), '11', `!thread${rooms++}:a.test`);
    const bench = new IntakeBench(await coreWith(thread), history.room);
    await bench.enter(history.join);
    for (let i = 0; i < (kind === 'sqlite' ? 150 : 60); i++) {
      await bench.receive(history.add());
      expect(await bench.state()).toEqual(await bench.plainState());
    }
    expect(thread.done).toBeGreaterThan(10);
  });

  const forks = fc.sample(anyHistory(40, 40), {
    numRuns: 1,
    seed: 4,
  })[0]!;

  it('are done in place where the thread is ended or ends', { timeout: 60_000 }, async () => {
    if (!shared) return;
    const thread = newThread(shared.options);
    thread.onAsked = () => void (thread.asked % 10 === 1 && thread.end());
    await follow(await coreWith(thread), '11', forks);
    expect(thread.asked).toBeGreaterThan(2);
    expect(thread.done).toBeGreaterThan(0);
    expect(thread.done).toBeLessThan(thread.asked);
  });

  it('are done in place where the server stops meanwhile', { timeout: 60_000 }, async () => {
    if (!shared) return;
    const thread = newThread(shared.options);
    thread.onAsked = () => void thread.stop();
    await follow(await coreWith(thread), '11', forks);
    expect(thread.done).toBe(0);
    expect(thread.isRunning).toBe(false);
  });

  it('are done in place where the thread fails, for a minute, and the log says so', { timeout: 60_000 }, async () => {
    if (!shared) return;
    const errors: string[] = [];
    const log = Object.assign(Object.create(silentLog) as typeof silentLog, {
      error: (_facts: object, message: string) => errors.push(message),
    });
    const missing: DatabaseOptions =
      shared.options.kind === 'sqlite'
        ? { kind: 'sqlite', path: `${shared.options.path}-none` }
        : { ...shared.options, dsn: 'postgres://nobody@127.0.0.1:1/none' };
    const time = new ManualTime();
    const thread = newThread(missing, time, log);
    const core = await coreWith(thread);
    await follow(core, '11', forks);
    expect(thread.done).toBe(0);
    expect(errors).toEqual([expect.stringContaining('the thread for state resolution failed')]);
    time.advance(61_000);
    await follow(core, '11', forks);
    expect(errors).toHaveLength(2);
  });

  it('are done in place where the thread never answers', { timeout: 60_000 }, async () => {
    if (!shared) return;
    const time = new ManualTime();
    const program = new URL('data:text/javascript,for (;;);');
    const start = (): Worker => new Worker(program);
    const thread = new CountingThread({ database: shared.options, timers: time, log: silentLog, start });
    threads.push(thread);
    thread.onAsked = () => time.advance(20_000);
    await follow(await coreWith(thread), '11', forks);
    expect(thread.asked).toBeGreaterThan(2);
    expect(thread.done).toBe(0);
  });

  it('hear of events that are other than they were', async () => {
    if (!shared) return;
    const thread = newThread(shared.options);
    const changed = vi.spyOn(thread, 'changed');
    const core = await coreWith(thread);
    const { room, join: entry } = startRoom('11', `!thread${rooms++}:a.test`);
    const bench = new IntakeBench(core, room);
    const { nid } = await bench.enter(entry);
    const beside = await openReadOnly(shared.options, systemRuntime);
    try {
      const counters = Counters.empty(beside);
      const events = await Events.open(beside, counters, await Names.open(beside, counters), 1_000_000);
      expect((await events.get(nid)).fields.redactedBy).toBeUndefined();
      const failed = database.transact(async (writer) => {
        await core.events.markRedacted(writer, nid, nid, '{"content":{}}');
        throw new Error('on purpose');
      });
      await expect(failed).rejects.toThrow('on purpose');
      expect(changed).not.toHaveBeenCalledWith(nid);
      await database.transact((writer) => core.events.markRedacted(writer, nid, nid, '{"content":{}}'));
      expect(changed).toHaveBeenCalledWith(nid);
      beside.renew();
      events.forget(nid);
      expect((await events.get(nid)).fields.redactedBy).toBe(nid);
    } finally {
      await beside.close();
    }
  });

  it('need a thread only as long as they are asked for', { timeout: 60_000 }, async () => {
    if (!shared) return;
    const time = new ManualTime();
    const thread = newThread(shared.options, time);
    const core = await coreWith(thread);
    expect(thread.isRunning).toBe(false);
    await follow(core, '11', forks);
    time.advance(29_000);
    expect(thread.isRunning).toBe(true);
    time.advance(2_000);
    expect(thread.isRunning).toBe(false);
    await follow(core, '11', forks);
    expect(thread.done).toBe(thread.asked);
  });
});
