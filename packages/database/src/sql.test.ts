import { beforeAll, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { sql } from './sql.ts';
import { describeDatabases } from './testing.ts';

const rooms = [
  {
    id: 'test/0001',
    up: [
      sql`CREATE TABLE rooms (nid INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, members INTEGER NOT NULL)`,
      sql`INSERT INTO rooms (nid, name, members) VALUES (1, 'one', 10), (2, 'two', 20), (3, 'three', 30)`,
    ],
  },
];

describeDatabases((open, dialect) => {
  let database: Database;
  beforeAll(async () => {
    database = await open(rooms);
  });

  it('joins pieces and values', async () => {
    const conditions = [sql`members > ${5}`, sql`name <> ${'two'}`];
    const columns = sql.join([sql.raw('nid'), sql.raw('name')]);
    const rows = await database.reader.all(
      sql`SELECT ${columns} FROM rooms WHERE ${sql.join(conditions, ' AND ')} ORDER BY nid LIMIT ${10}`,
    );
    expect(rows).toEqual([
      { nid: 1, name: 'one' },
      { nid: 3, name: 'three' },
    ]);
    expect(
      await database.reader.all(sql`SELECT nid FROM rooms WHERE nid IN (${sql.join([1, 3])}) ORDER BY nid`),
    ).toEqual([{ nid: 1 }, { nid: 3 }]);
  });

  it.each([
    [[], []],
    [[2], [2]],
    [
      [3, 1, 99],
      [1, 3],
    ],
  ])('finds any of %j', async (values, found) => {
    const rows = await database.reader.all<{ nid: number }>(
      sql`SELECT nid FROM rooms WHERE ${sql.anyOf('nid', values)} ORDER BY nid`,
    );
    expect(rows.map((row) => row.nid)).toEqual(found);
  });

  it('finds any of many values, of texts, and by an expression', async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => i + 2);
    expect(await database.reader.get(sql`SELECT count(*) AS n FROM rooms WHERE ${sql.anyOf('nid', many)}`)).toEqual({
      n: 2,
    });
    expect(
      await database.reader.all(sql`SELECT nid FROM rooms WHERE ${sql.anyOf(sql`name`, ['two', "it's", '"{},\\'])}`),
    ).toEqual([{ nid: 2 }]);
    expect(
      await database.reader.all(sql`SELECT nid FROM rooms WHERE ${sql.anyOf(sql`lower(name)`, ['one', 'x'])}`),
    ).toEqual([{ nid: 1 }]);
  });

  it('gives a value the type that the statement does not show', async () => {
    expect(
      await database.reader.get(sql`SELECT ${sql.integer(7)} AS i, ${sql.text('7')} AS t, ${sql.integer(null)} AS n`),
    ).toEqual({
      i: 7,
      t: '7',
      n: null,
    });
  });

  it('chooses by dialect', async () => {
    expect(
      await database.reader.get(
        sql`SELECT ${sql.byDialect({ sqlite: sql`'sqlite'`, postgres: sql`'postgres'` })} AS name`,
      ),
    ).toEqual({
      name: dialect,
    });
    expect(
      await database.reader.get(
        sql.byDialect({ sqlite: sql`SELECT ${sql.integer(1)} AS n`, postgres: sql`SELECT ${sql.integer(2)} AS n` }),
      ),
    ).toEqual({ n: dialect === 'sqlite' ? 1 : 2 });
  });

  it('tells upper from lower case in LIKE', async () => {
    expect(await database.reader.all(sql`SELECT nid FROM rooms WHERE name LIKE ${'ON%'}`)).toEqual([]);
    expect(await database.reader.all(sql`SELECT nid FROM rooms WHERE name LIKE ${'on%'}`)).toEqual([{ nid: 1 }]);
  });

  it('runs one place in the code with different pieces', async () => {
    const find = (piece: ReturnType<typeof sql.raw> | string): Promise<unknown> =>
      database.reader.get(sql`SELECT nid FROM rooms WHERE name = ${piece}`);
    expect(await find('one')).toEqual({ nid: 1 });
    expect(await find(sql.raw(`'two'`))).toEqual({ nid: 2 });
    expect(await find('three')).toEqual({ nid: 3 });
  });

  it('shows the columns that a table has got since the statement was first run', async () => {
    const select = (): Promise<unknown> => database.reader.get(sql`SELECT * FROM growing`);
    await database.transact(async (writer) => {
      await writer.run(sql`CREATE TABLE growing (a INTEGER NOT NULL)`);
      await writer.run(sql`INSERT INTO growing (a) VALUES (1)`);
    });
    expect(await select()).toEqual({ a: 1 });
    await database.transact((writer) => writer.run(sql`ALTER TABLE growing ADD COLUMN b TEXT NOT NULL DEFAULT 'x'`));
    if (dialect === 'sqlite') expect(await select()).toEqual({ a: 1, b: 'x' });
    // PostgreSQL refuses the prepared statement on connections that know the old columns.
    else await select().catch((error: unknown) => expect(error).toMatchObject({ kind: 'statement' }));
  });
});
