import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { sql } from './sql.ts';
import type { SqlValue } from './statement.ts';
import { describeDatabases } from './testing.ts';

const table = [
  {
    id: 'test/0001',
    up: [sql`CREATE TABLE vals (id INTEGER NOT NULL PRIMARY KEY, t TEXT, i BIGINT, r DOUBLE PRECISION, b BLOB)`],
  },
];

describeDatabases((open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open(table);
  });

  async function roundTrip(column: string, value: SqlValue): Promise<unknown> {
    await database.transact((writer) =>
      writer.insert(
        'vals',
        ['id', column],
        [[1, value]],
        sql.raw(`(id) DO UPDATE SET ${column} = excluded.${column}`).strings[0],
      ),
    );
    const row = await database.reader.get<{ v: SqlValue }>(sql`SELECT ${sql.raw(column)} AS v FROM vals WHERE id = 1`);
    return row?.v;
  }

  it('gives every text back', async () => {
    const units = fc.constantFrom('a', '\0', '\u{10FFFE}', '0', '1', "'", '"', '\\', 'é', '😀', '\n');
    const texts = fc.oneof(fc.string({ unit: units, maxLength: 12 }), fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await roundTrip('t', text)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps texts with NUL characters apart and finds them', async () => {
    const texts = ['a', 'a\0', '\0a', 'a\u{10FFFE}0', 'a\u{10FFFE}1', 'a\u{10FFFE}'];
    await database.transact((writer) =>
      writer.insert(
        'vals',
        ['id', 't'],
        texts.map((text, i) => [100 + i, text]),
      ),
    );
    for (const [i, text] of texts.entries()) {
      expect(await database.reader.all(sql`SELECT id FROM vals WHERE t = ${text} AND id >= 100`)).toEqual([
        { id: 100 + i },
      ]);
      expect(
        await database.reader.all(sql`SELECT id FROM vals WHERE ${sql.anyOf('t', [text, 'none'])} AND id >= 100`),
      ).toEqual([{ id: 100 + i }]);
    }
  });

  it.each([0, 1, -1, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    'gives the integer %d back',
    async (n) => {
      expect(await roundTrip('i', n)).toBe(n);
    },
  );

  it('gives fractions, bytes and null back', async () => {
    expect(await roundTrip('r', 0.1)).toBe(0.1);
    expect(await roundTrip('r', -1.5e-300)).toBe(-1.5e-300);
    expect(new Uint8Array((await roundTrip('b', new Uint8Array([0, 1, 255]))) as Uint8Array)).toEqual(
      new Uint8Array([0, 1, 255]),
    );
    expect(await roundTrip('b', new Uint8Array(0))).toHaveLength(0);
    for (const column of ['t', 'i', 'r', 'b']) expect(await roundTrip(column, null)).toBeNull();
  });

  it.each([
    ['an integer beyond 2^53-1', 2 ** 53],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['true', true],
    ['undefined', undefined],
    ['a bigint', 1n],
    ['an object', { a: 1 }],
    ['a date', new Date(0)],
  ])('refuses %s', async (_name, value) => {
    await expect(roundTrip('i', value as never)).rejects.toBeInstanceOf(TypeError);
    await expect(database.reader.get(sql`SELECT id FROM vals WHERE i = ${value as never}`)).rejects.toBeInstanceOf(
      TypeError,
    );
  });

  it('refuses to read an integer beyond 2^53-1', async () => {
    await database.transact((writer) => writer.run(sql`INSERT INTO vals (id, i) VALUES (2, 9007199254740993)`));
    await expect(database.reader.get(sql`SELECT i FROM vals WHERE id = 2`)).rejects.toBeInstanceOf(RangeError);
  });

  it('gives truth as 0 and 1, and counts and sums as numbers', async () => {
    expect(
      await database.reader.get(
        sql`SELECT 1 = 1 AS yes, 1 = 2 AS no, EXISTS (SELECT 1 FROM vals WHERE id = -1) AS found`,
      ),
    ).toEqual({
      yes: 1,
      no: 0,
      found: 0,
    });
    expect(await database.reader.get(sql`SELECT count(*) AS n, sum(id) AS s FROM vals WHERE id = -1`)).toEqual({
      n: 0,
      s: null,
    });
    expect(
      await database.reader.get(sql`SELECT sum(i) AS s FROM (SELECT CAST(1 AS BIGINT) AS i UNION ALL SELECT 2) AS x`),
    ).toEqual({ s: 3 });
  });
});
