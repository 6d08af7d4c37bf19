import { systemRuntime } from '@myelin/runtime';
import { expect, it } from 'vitest';
import { migrate, openDatabase, sql } from '../index.ts';

it('works', async () => {
  const db = await openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime);
  await migrate(db, [{ id: 'a/1', up: [sql`CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)`] }]);
  const out = await Promise.allSettled(
    Array.from({ length: 3000 }, (_, i) =>
      db.transact(async (w) => {
        await w.insert('t', ['a', 'b'], [[i, `x${i}`]]);
        if (i % 3 === 0) throw new Error('no');
        return (await w.get<{ b: string }>(sql`SELECT b FROM t WHERE a = ${i}`))?.b;
      }),
    ),
  );
  expect(out.filter((o) => o.status === 'rejected').length).toBe(1000);
  expect(await db.reader.all(sql`SELECT count(*) AS n FROM t`)).toEqual([{ n: 2000 }]);
  expect(await db.reader.all(sql`SELECT a FROM t WHERE ${sql.anyOf('a', [1, 2, 3])}`)).toEqual([{ a: 1 }, { a: 2 }]);
  await db.close();
});
