import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemRuntime } from '@myelin/runtime';
import { expect, it } from 'vitest';
import { openDatabase } from './open.ts';
import { openReadOnly, type ReadOnlyDatabase } from './open-read-only.ts';
import type { DatabaseOptions } from './options.ts';
import { sql } from './sql.ts';
import { temporaryFolder } from './sqlite/temporary-folder.ts';
import { postgresForTests } from './testing.ts';

async function readsBeside(options: DatabaseOptions): Promise<void> {
  const writing = await openDatabase(options, systemRuntime);
  let reading: ReadOnlyDatabase | undefined;
  try {
    await writing.transact((writer) => writer.run(sql`CREATE TABLE notes (n BIGINT NOT NULL)`));
    await writing.transact((writer) => writer.insert('notes', ['n'], [[1]]));
    reading = await openReadOnly(options, systemRuntime);
    expect(await reading.reader.all(sql`SELECT n FROM notes`)).toEqual([{ n: 1 }]);
    await writing.transact((writer) => writer.insert('notes', ['n'], [[2]]));
    expect(await reading.read((reader) => reader.get(sql`SELECT count(*) AS n FROM notes`))).toBeDefined();
    await expect(reading.transact((writer) => writer.run(sql`DELETE FROM notes`))).rejects.toThrow('read only');
    await expect(reading.reader.all(sql`DELETE FROM notes`)).rejects.toThrow(/readonly|read-only|read only/i);
    expect(await writing.reader.get(sql`SELECT count(*) AS n FROM notes`)).toEqual({ n: 2 });
    // Not a tenth of a second later, but at once.
    for (let n = 3; n < 10; n++) {
      await writing.transact((writer) => writer.insert('notes', ['n'], [[n]]));
      reading.renew();
      expect(await reading.reader.get(sql`SELECT max(n) AS n FROM notes`)).toEqual({ n });
    }
  } finally {
    await reading?.close();
    await writing.close();
  }
}

it('an SQLite file is read while another writes it, and never made', async () => {
  const folder = temporaryFolder();
  try {
    const path = join(folder.path, 'database');
    await expect(openReadOnly({ kind: 'sqlite', path }, systemRuntime)).rejects.toThrow(`There is no database ${path}`);
    expect(existsSync(path)).toBe(false);
    await readsBeside({ kind: 'sqlite', path });
    const closed = await openReadOnly({ kind: 'sqlite', path }, systemRuntime);
    expect(await closed.reader.get(sql`SELECT max(n) AS n FROM notes`)).toEqual({ n: 9 });
    await closed.close();
  } finally {
    folder.remove();
  }
});

it('so is a PostgreSQL database', async () => {
  const postgres = await postgresForTests();
  if (!postgres) return;
  try {
    await readsBeside(postgres.options);
  } finally {
    await postgres.dispose();
  }
});
