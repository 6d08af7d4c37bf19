import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { systemTimers, type Timers } from '@myelin/runtime';
import { beforeEach, expect, test } from 'vitest';
import type { UserNid } from '../names/index.ts';
import { Counters } from '../counters/index.ts';
import { accountsMigrations } from './migrations.ts';
import { UserJobs, type UserWork } from './user-jobs.ts';

/** For a machine that has other things to do. */
const patience = { timeout: 10_000 };
const user = (nid: number): UserNid => nid as UserNid;

describeDatabases((open) => {
  let database: Database;
  /** What waits for the time of a retry. */
  let retries: (() => void)[];
  let failures: unknown[];
  const timers: Timers = {
    ...systemTimers,
    after: (_ms, task) => {
      retries.push(task);
      return { cancel() {} };
    },
  };
  beforeEach(async () => {
    database = await open(accountsMigrations);
    retries = [];
    failures = [];
  });

  async function jobsWith(work: UserWork): Promise<UserJobs> {
    const jobs = await UserJobs.open({
      database,
      counters: await Counters.open(database),
      timers,
      onFailure: (_kind, error) => failures.push(error),
    });
    jobs.define('greet', work);
    return jobs;
  }

  function add(jobs: UserJobs, ...users: number[]): Promise<void> {
    return database.transact(async (writer) => {
      for (const each of users) await jobs.add(writer, 'greet', user(each));
    });
  }

  test('what is wished for is done, once, for each user', async () => {
    const done: number[] = [];
    const jobs = await jobsWith(async (each) => void done.push(each));
    jobs.start();
    await add(jobs, ...Array.from({ length: 220 }, (_, i) => i));
    await expect.poll(() => done.length, patience).toBe(220);
    await jobs.stop();
    expect(new Set(done).size).toBe(220);
  });

  test('nothing is done for a transaction that fails', async () => {
    const done: number[] = [];
    const jobs = await jobsWith(async (each) => void done.push(each));
    jobs.start();
    const failing = database.transact(async (writer) => {
      await jobs.add(writer, 'greet', user(1));
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await add(jobs, 2);
    await expect.poll(() => done, patience).toEqual([2]);
    await jobs.stop();
  });

  test('what an earlier run left is done by the next, before and after it was begun', async () => {
    const first = await jobsWith(async (_each, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    await add(first, 1);
    first.start();
    await add(first, 2);
    await first.stop();
    const done: number[] = [];
    const second = await jobsWith(async (each) => void done.push(each));
    second.start();
    await expect.poll(() => done.toSorted(), patience).toEqual([1, 2]);
    await second.stop();
  });

  test('wished for while it is done, it is done again', async () => {
    let runs = 0;
    const jobs: UserJobs = await jobsWith(async (each) => {
      if (++runs === 1) await add(jobs, each);
    });
    jobs.start();
    await add(jobs, 1);
    await expect.poll(() => runs, patience).toBe(2);
    await jobs.idle();
    expect(runs).toBe(2);
    await jobs.stop();
  });

  test('what fails is tried again later, and keeps nobody else waiting', async () => {
    const done: number[] = [];
    let broken = true;
    const jobs = await jobsWith(async (each) => {
      if (each === 1 && broken) throw new Error('not now');
      done.push(each);
    });
    jobs.start();
    await add(jobs, 1, 2, 3, 4, 5, 6, 7);
    await expect.poll(() => done.toSorted(), patience).toEqual([2, 3, 4, 5, 6, 7]);
    await jobs.idle();
    expect(failures).toHaveLength(1);
    expect(retries).toHaveLength(1);
    broken = false;
    retries.pop()?.();
    await expect.poll(() => done, patience).toContain(1);
    await jobs.stop();
  });
});
