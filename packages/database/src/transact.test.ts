import { expect, it } from 'vitest';
import { sql } from './sql.ts';
import { describeDatabases } from './testing.ts';

const numbers = [{ id: 'test/0001', up: [sql`CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)`] }];

describeDatabases((open) => {
  it('keeps what bodies wrote and shows it to readers', async () => {
    const database = await open(numbers);
    const name = await database.transact(async (writer) => {
      await writer.insert('numbers', ['n', 'name'], [[1, 'one']]);
      return (await writer.get<{ name: string }>(sql`SELECT name FROM numbers WHERE n = ${1}`))?.name;
    });
    expect(name).toBe('one');
    expect(await database.reader.all(sql`SELECT n, name FROM numbers`)).toEqual([{ n: 1, name: 'one' }]);
  });

  it('loses a body that throws, and only that', async () => {
    const database = await open(numbers);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) =>
        database.transact(async (writer) => {
          await writer.insert('numbers', ['n', 'name'], [[n, `name ${n}`]]);
          if (n % 3 === 0) throw new Error('refused');
        }),
      ),
    );
    expect(outcomes.map((outcome) => outcome.status === 'rejected')).toEqual(Array.from({ length: 30 }, (_, n) => n % 3 === 0));
    expect(await database.reader.all(sql`SELECT count(*) AS n FROM numbers`)).toEqual([{ n: 20 }]);
    expect(await database.reader.get(sql`SELECT n FROM numbers WHERE n = ${3}`)).toBeUndefined();
  });
});
