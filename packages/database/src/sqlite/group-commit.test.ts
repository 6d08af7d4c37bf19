import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemRandom, systemRuntime, type Runtime, type Timers } from '@myelin/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Writer } from '../database.ts';
import { sql } from '../sql.ts';
import { openSqlite } from './open.ts';
import type { SqliteDatabase } from './database.ts';
import type { Durability } from './durability.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A disk whose flushes take place when the test says so. */
class SlowDisk implements Durability {
  readonly flushes: { commit: () => void; resolve: () => void; reject: (error: Error) => void }[] = [];

  flush(commit: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.flushes.push({ commit, resolve, reject });
    return promise;
  }
}

let folder: { path: string; remove: () => void };
let disk: SlowDisk;
let database: SqliteDatabase;

beforeEach(async () => {
  folder = temporaryFolder();
  disk = new SlowDisk();
  const path = join(folder.path, 'database');
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY)');
  other.close();
  database = await openSqlite({ kind: 'sqlite', path, durability: disk }, systemRuntime);
});

afterEach(() => {
  database.crash();
  folder.remove();
});

function add(n: number): (writer: Writer) => Promise<void> {
  return (writer) => writer.insert('numbers', ['n'], [[n]]);
}

async function visible(): Promise<number[]> {
  return (await database.reader.all<{ n: number }>(sql`SELECT n FROM numbers ORDER BY n`)).map((row) => row.n);
}

/** Lets everything happen that doesn't wait for the disk. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Collects which of the promises are settled, and how. */
function watch(promises: Promise<unknown>[]): string[] {
  const seen = promises.map(() => 'waits');
  for (const [i, promise] of promises.entries()) {
    promise.then(
      () => (seen[i] = 'resolved'),
      () => (seen[i] = 'rejected'),
    );
  }
  return seen;
}

it('acknowledges nothing, and shows nothing, before it is on the disk', async () => {
  const [seen] = [watch([database.transact(add(1))])];
  await settle();
  expect(disk.flushes).toHaveLength(1);
  expect(await visible()).toEqual([]);
  disk.flushes[0]?.commit();
  await settle();
  expect(seen).toEqual(['waits']);
  expect(await visible()).toEqual([]);
  expect(await database.read((reader) => reader.all(sql`SELECT n FROM numbers`))).toEqual([]);
  disk.flushes[0]?.resolve();
  await settle();
  expect(seen).toEqual(['resolved']);
  expect(await visible()).toEqual([1]);
});

it('shares a flush among bodies that come together, and runs the next ones meanwhile', async () => {
  const first = watch([database.transact(add(1)), database.transact(add(2)), database.transact(add(3))]);
  await settle();
  expect(disk.flushes).toHaveLength(1);
  disk.flushes[0]?.commit();
  const ran: number[] = [];
  const second = watch(
    [4, 5].map((n) =>
      database.transact(async (writer) => {
        await add(n)(writer);
        ran.push((await writer.all(sql`SELECT n FROM numbers`)).length);
      }),
    ),
  );
  await settle();
  expect(ran).toEqual([4, 5]);
  expect(disk.flushes).toHaveLength(1);
  disk.flushes[0]?.resolve();
  await settle();
  expect([...first, ...second]).toEqual(['resolved', 'resolved', 'resolved', 'waits', 'waits']);
  expect(await visible()).toEqual([1, 2, 3]);
  expect(disk.flushes).toHaveLength(2);
  disk.flushes[1]?.commit();
  disk.flushes[1]?.resolve();
  await settle();
  expect(second).toEqual(['resolved', 'resolved']);
});

it('refuses everything once a flush has failed after the commit', async () => {
  const seen = watch([database.transact(add(1))]);
  await settle();
  disk.flushes[0]?.commit();
  const next = watch([database.transact(add(2)), database.transact(add(3))]);
  await settle();
  disk.flushes[0]?.reject(new Error('the disk is broken'));
  await settle();
  expect([...seen, ...next]).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(database.transact(add(4))).rejects.toMatchObject({ kind: 'io' });
  // What may not be on the disk isn't shown.
  expect(await visible()).toEqual([]);
});

it('carries on when a batch failed before its commit', async () => {
  const rolledBack: number[] = [];
  const seen = watch([
    database.transact(async (writer) => {
      writer.onRollback(() => rolledBack.push(1));
      await add(1)(writer);
    }),
  ]);
  await settle();
  disk.flushes[0]?.reject(new Error('no room'));
  await settle();
  expect(seen).toEqual(['rejected']);
  expect(rolledBack).toEqual([1]);
  const again = watch([database.transact(add(1))]);
  await settle();
  disk.flushes[1]?.commit();
  disk.flushes[1]?.resolve();
  await settle();
  expect(again).toEqual(['resolved']);
  expect(await visible()).toEqual([1]);
});

it('loses in a crash what was not committed, and tells nobody', async () => {
  const seen = watch([database.transact(add(1))]);
  await settle();
  disk.flushes[0]?.commit();
  disk.flushes[0]?.resolve();
  await settle();
  const lost = watch([database.transact(add(2)), database.transact(add(3))]);
  await settle();
  database.crash();
  disk.flushes[1]?.commit();
  disk.flushes[1]?.resolve();
  const late = watch([
    database.transact(add(4)),
    database.reader.get(sql`SELECT 1 AS one`),
    database.read(async () => {}),
  ]);
  await settle();
  expect([...seen, ...lost, ...late]).toEqual(['resolved', 'waits', 'waits', 'waits', 'waits', 'waits']);
  database = await openSqlite({ kind: 'sqlite', path: join(folder.path, 'database'), durability: disk }, systemRuntime);
  expect(await visible()).toEqual([1]);
});

it('keeps in a crash what was committed, acknowledged or not', async () => {
  const seen = watch([database.transact(add(1))]);
  await settle();
  disk.flushes[0]?.commit();
  database.crash();
  await settle();
  expect(seen).toEqual(['waits']);
  database = await openSqlite({ kind: 'sqlite', path: join(folder.path, 'database'), durability: disk }, systemRuntime);
  expect(await visible()).toEqual([1]);
});

it('gives up a body that never ends when others wait for it', async () => {
  const fired: (() => void)[] = [];
  const timers: Timers = {
    ...systemRuntime.timers,
    after(_ms, task) {
      fired.push(task);
      return { cancel: () => {} };
    },
  };
  database.crash();
  const runtime: Runtime = { ...systemRuntime, timers, random: systemRandom };
  database = await openSqlite({ kind: 'sqlite', path: ':memory:' }, runtime);
  await database.transact((writer) => writer.run(sql`CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY)`));
  let stuckWriter: Writer | undefined;
  const stuck = database.transact(async (writer) => {
    stuckWriter = writer;
    await add(1)(writer);
    await new Promise(() => {});
  });
  const outcome = expect(stuck).rejects.toMatchObject({ kind: 'busy' });
  const next = database.transact(add(2));
  for (const task of fired) task();
  await outcome;
  await next;
  await expect(stuckWriter?.get(sql`SELECT 1 AS one`)).rejects.toMatchObject({ kind: 'statement' });
  expect(await visible()).toEqual([2]);
});

it('refuses more bodies than may wait', async () => {
  database.crash();
  database = await openSqlite(
    { kind: 'sqlite', path: join(folder.path, 'database'), durability: disk, maxWaiting: 2 },
    systemRuntime,
  );
  const seen = watch([1, 2, 3, 4].map((n) => database.transact(add(n))));
  await settle();
  // The first runs at once, two wait.
  expect(seen).toEqual(['waits', 'waits', 'waits', 'rejected']);
});

it('bounds the bodies of a batch', async () => {
  database.crash();
  database = await openSqlite(
    { kind: 'sqlite', path: join(folder.path, 'database'), durability: disk, maxBatch: 2 },
    systemRuntime,
  );
  const seen = watch([1, 2, 3, 4, 5].map((n) => database.transact(add(n))));
  for (const batch of [0, 1, 2]) {
    await settle();
    expect(disk.flushes).toHaveLength(batch + 1);
    disk.flushes[batch]?.commit();
    disk.flushes[batch]?.resolve();
  }
  await settle();
  expect(new Set(seen)).toEqual(new Set(['resolved']));
});

it('removes the files of a database in memory', async () => {
  const memory = await openSqlite({ kind: 'sqlite', path: ':memory:' }, systemRuntime);
  const row = await memory.reader.get<{ file: string }>(sql`SELECT file FROM pragma_database_list WHERE name = 'main'`);
  expect(existsSync(row?.file ?? '')).toBe(true);
  await memory.close();
  expect(existsSync(row?.file ?? '')).toBe(false);
});
