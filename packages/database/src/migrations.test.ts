import { expect, it } from 'vitest';
import type { Database } from './database.ts';
import type { Dialect } from './fragments.ts';
import { migrate, type Migration } from './migrations.ts';
import { sql } from './sql.ts';
import type { Sql } from './statement.ts';
import { describeDatabases } from './testing.ts';

const first: Migration = {
  id: 'a/0001',
  up: [sql`CREATE TABLE a (n INTEGER NOT NULL PRIMARY KEY, b BLOB) WITHOUT ROWID`],
};
const second: Migration = { id: 'a/0002', up: [sql`ALTER TABLE a ADD COLUMN c TEXT`, sql`CREATE INDEX a_c ON a (c)`] };

function versions(database: Database): Promise<unknown> {
  return database.reader.get(sql`SELECT version, compat_version FROM schema_version`);
}

describeDatabases((open, dialect) => {
  it('applies each step once, in order, and tells which', async () => {
    const database = await open();
    expect(await migrate(database, [first])).toEqual(['a/0001']);
    expect(await migrate(database, [first, second])).toEqual(['a/0002']);
    expect(await migrate(database, [first, second])).toEqual([]);
    await database.transact((writer) => writer.insert('a', ['n', 'b', 'c'], [[2 ** 40, new Uint8Array([1]), 'x']]));
    expect(await database.reader.get(sql`SELECT n, c FROM a`)).toEqual({ n: 2 ** 40, c: 'x' });
  });

  it('writes nothing where all is there', async () => {
    const database = await open([first, second]);
    const asked: string[] = [];
    const watched = { reader: database.reader, transact: () => asked.push('a transaction') } as unknown as Database;
    expect(await migrate(watched, [first, second])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('gives the dialect to steps that differ', async () => {
    const database = await open();
    const seen: string[] = [];
    const up = (found: Dialect): Sql[] => {
      seen.push(found);
      return [sql`CREATE TABLE x (n INTEGER)`];
    };
    await migrate(database, [{ id: 'x/0001', up }]);
    expect(seen).toEqual([dialect]);
  });

  it('leaves nothing of a step that fails, and keeps those before it', async () => {
    const database = await open([first]);
    const bad: Migration = {
      id: 'b/0001',
      up: [sql`CREATE TABLE half (n INTEGER)`, sql`INSERT INTO missing VALUES (1)`],
    };
    await expect(migrate(database, [first, second, bad])).rejects.toMatchObject({ kind: 'statement' });
    await expect(database.reader.get(sql`SELECT n FROM half`)).rejects.toMatchObject({ kind: 'statement' });
    expect(await database.reader.all(sql`SELECT c FROM a`)).toEqual([]);
    expect(
      await migrate(database, [first, second, { id: 'b/0001', up: [sql`CREATE TABLE half (n INTEGER)`] }]),
    ).toEqual(['b/0001']);
  });

  it('refuses two steps of one name', async () => {
    const database = await open();
    await expect(migrate(database, [first, { id: first.id, up: [] }])).rejects.toMatchObject({ kind: 'statement' });
  });

  it('keeps the schema version, and is refused by a database that needs newer code', async () => {
    const database = await open();
    await migrate(database, [first], { version: 5, compatVersion: 3 });
    expect(await versions(database)).toEqual({ version: 5, compat_version: 3 });
    // Older code, which the database still allows, leaves the numbers.
    await migrate(database, [first], { version: 4, compatVersion: 2 });
    expect(await versions(database)).toEqual({ version: 5, compat_version: 3 });
    await migrate(database, [first], { version: 6, compatVersion: 6 });
    const refused = migrate(database, [first, second], { version: 5, compatVersion: 3 });
    await expect(refused).rejects.toMatchObject({ kind: 'version', message: expect.stringContaining('schema 6') });
    await expect(database.reader.get(sql`SELECT c FROM a`)).rejects.toMatchObject({ kind: 'statement' });
  });
});
