import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemRuntime } from '@myelin/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database, Writer } from '../database.ts';
import { openDatabase } from '../open.ts';
import { sql } from '../sql.ts';
import { temporaryFolder } from './temporary-folder.ts';

let folder: { path: string; remove: () => void };
let path: string;
let opened: Database[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'database');
  opened = [];
});

afterEach(async () => {
  for (const database of opened) await database.close().catch(() => {});
  folder.remove();
});

async function open(options: { logPages?: number; file?: string } = {}): Promise<Database> {
  const { file = path, ...rest } = options;
  const database = await openDatabase({ kind: 'sqlite', path: file, ...rest }, systemRuntime);
  opened.push(database);
  return database;
}

function createTable(database: Database): Promise<number> {
  return database.transact((writer) =>
    writer.run(sql`CREATE TABLE texts (n INTEGER NOT NULL PRIMARY KEY, t TEXT NOT NULL)`),
  );
}

function add(n: number, length: number): (writer: Writer) => Promise<void> {
  return (writer) => writer.insert('texts', ['n', 't'], [[n, 'x'.repeat(length)]]);
}

it('keeps everything for the next opening, and leaves one file when closed', async () => {
  const database = await open();
  await createTable(database);
  await database.transact(add(1, 10));
  await database.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  const again = await open();
  expect(await again.reader.get(sql`SELECT n FROM texts`)).toEqual({ n: 1 });
});

it('keeps the write-ahead log short while it is written without a pause', async () => {
  const logPages = 50;
  const database = await open({ logPages });
  await createTable(database);
  let next = 0;
  let longest = 0;
  const write = async (): Promise<void> => {
    while (next < 3000) {
      await database.transact(add(++next, 2000));
      await database.reader.get(sql`SELECT count(*) AS n FROM texts`);
      longest = Math.max(longest, statSync(`${path}-wal`).size);
    }
  };
  await Promise.all(Array.from({ length: 8 }, write));
  const written = next * 2000;
  expect(longest).toBeLessThan(written / 2);
  expect(await database.reader.get(sql`SELECT count(*) AS n FROM texts`)).toEqual({ n: next });
});

it('waits for another program that holds the file, without stopping the event loop', async () => {
  const database = await open();
  await createTable(database);
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE; INSERT INTO texts VALUES (1, 1)');
  let done = false;
  const waiting = database.transact(add(2, 1)).then(() => (done = true));
  for (let turn = 0; turn < 5; turn++) await systemRuntime.timers.sleep(5);
  expect(done).toBe(false);
  other.exec('COMMIT');
  other.close();
  await waiting;
  expect(await database.reader.get(sql`SELECT count(*) AS n FROM texts`)).toEqual({ n: 2 });
});

it('takes no more writes once its log was removed', async () => {
  const database = await open({ logPages: 5 });
  await createTable(database);
  rmSync(`${path}-wal`);
  const refused = (async () => {
    for (let n = 0; n < 1000; n++) await database.transact(add(n, 4000));
  })();
  await expect(refused).rejects.toMatchObject({ kind: 'io' });
});

it('says when the disk is full, loses that transaction only, and goes on when there is room', async () => {
  const database = await open();
  await createTable(database);
  await database.transact(add(1, 1000));
  const pages = await database.reader.get<{ page_count: number }>(sql`PRAGMA page_count`);
  await database.transact((writer) => writer.all(sql.raw(`PRAGMA max_page_count = ${(pages?.page_count ?? 0) + 2}`)));
  await expect(database.transact(add(2, 100_000))).rejects.toMatchObject({ kind: 'full' });
  await database.transact(add(3, 10));
  await database.transact((writer) => writer.all(sql`PRAGMA max_page_count = 1000000`));
  await database.transact(add(4, 100_000));
  expect(await database.reader.all(sql`SELECT n FROM texts`)).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }]);
});

/** Mounts a small file system; false where that isn't allowed. */
function mountSmallDisk(at: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it('gets over a disk that really is full', async (test) => {
  if (!mountSmallDisk(folder.path)) return test.skip('mounting a small disk needs root');
  try {
    const database = await open();
    await createTable(database);
    const filler = join(folder.path, 'filler');
    writeFileSync(filler, Buffer.alloc(600_000));
    const acknowledged: number[] = [];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, n) => {
        await database.transact(add(n, 10_000));
        acknowledged.push(n);
      }),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ kind: 'full' });
    rmSync(filler);
    await database.transact(add(1000, 10));
    const rows = await database.reader.all<{ n: number }>(sql`SELECT n FROM texts ORDER BY n`);
    expect(rows.map((row) => row.n)).toEqual([...acknowledged.sort((a, b) => a - b), 1000]);
    await database.close();
  } finally {
    execFileSync('umount', [folder.path]);
  }
});

/** Opens the database in a process of its own, as a user without special rights; gives what it printed. */
function openAsUser(file: string): string {
  const module = new URL('open-as-user.ts', import.meta.url).pathname;
  const isRoot = process.getuid?.() === 0;
  return execFileSync(process.execPath, [module, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(isRoot && { uid: 65_534, gid: 65_534 }),
  }).trim();
}

it.skipIf(process.platform === 'win32')('says at once when the folder or the file is read-only', async () => {
  const database = await open();
  await createTable(database);
  await database.close();
  chmodSync(folder.path, 0o555);
  chmodSync(path, 0o444);
  expect(openAsUser(path)).toMatch(/^readonly: .*database/);
  expect(openAsUser(join(folder.path, 'other'))).toMatch(/^readonly: .*other/);
  chmodSync(folder.path, 0o755);
  if (process.getuid?.() === 0) chownSync(folder.path, 65_534, 65_534);
  expect(openAsUser(path)).toMatch(/^readonly: .*database/);
});

it('says when the folder does not exist, and when the file is something else', async () => {
  await expect(open({ file: join(folder.path, 'nowhere', 'database') })).rejects.toMatchObject({ kind: 'readonly' });
  writeFileSync(path, 'This is a letter, not a database. '.repeat(100));
  await expect(open()).rejects.toMatchObject({ kind: 'corrupt' });
});
