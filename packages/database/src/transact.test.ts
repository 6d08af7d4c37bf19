import { expect, it } from 'vitest';
import type { Database, Writer } from './database.ts';
import { DatabaseError } from './errors.ts';
import { sql } from './sql.ts';
import { describeDatabases } from './testing.ts';

const numbers = [
  {
    id: 'test/0001',
    up: [
      sql`CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)`,
      sql`CREATE TABLE totals (id INTEGER NOT NULL PRIMARY KEY, total BIGINT NOT NULL)`,
      sql`INSERT INTO totals (id, total) VALUES (1, 0)`,
    ],
  },
];

function add(n: number): (writer: Writer) => Promise<void> {
  return (writer) => writer.insert('numbers', ['n', 'name'], [[n, `name ${n}`]]);
}

function count(database: Database): Promise<{ n: number } | undefined> {
  return database.reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM numbers`);
}

describeDatabases((open, dialect) => {
  it('keeps what bodies wrote and shows it to readers', async () => {
    const database = await open(numbers);
    const name = await database.transact(async (writer) => {
      await add(1)(writer);
      return (await writer.get<{ name: string }>(sql`SELECT name FROM numbers WHERE n = ${1}`))?.name;
    });
    expect(name).toBe('name 1');
    expect(await database.reader.all(sql`SELECT n, name FROM numbers`)).toEqual([{ n: 1, name: 'name 1' }]);
    expect(await database.reader.get(sql`SELECT n FROM numbers WHERE n = ${2}`)).toBeUndefined();
  });

  it('tells how many rows a statement changed', async () => {
    const database = await open(numbers);
    const changed = await database.transact(async (writer) => {
      await Promise.all([add(1)(writer), add(2)(writer), add(3)(writer)]);
      return await writer.run(sql`UPDATE numbers SET name = ${'x'} WHERE n > ${1}`);
    });
    expect(changed).toBe(2);
  });

  it('loses a body that throws, and only that', async () => {
    const database = await open(numbers);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) =>
        database.transact(async (writer) => {
          await add(n)(writer);
          if (n % 3 === 0) throw new Error('refused');
          return n;
        }),
      ),
    );
    expect(outcomes.map((outcome) => outcome.status === 'rejected')).toEqual(
      Array.from({ length: 30 }, (_, n) => n % 3 === 0),
    );
    expect(await count(database)).toEqual({ n: 20 });
    expect(await database.reader.get(sql`SELECT n FROM numbers WHERE n = ${3}`)).toBeUndefined();
  });

  it('loses a body that throws without having waited', async () => {
    const database = await open(numbers);
    const refused = database.transact(() => {
      throw new Error('at once');
    });
    await expect(refused).rejects.toThrow('at once');
    await database.transact(add(1));
    expect(await count(database)).toEqual({ n: 1 });
  });

  it('gives concurrent read-modify-writes one order', async () => {
    const database = await open(numbers);
    const increment = (): Promise<void> =>
      database.transact(async (writer) => {
        const total = (await writer.get<{ total: number }>(sql`SELECT total FROM totals WHERE id = 1`))?.total ?? 0;
        await writer.run(sql`UPDATE totals SET total = ${total + 1} WHERE id = 1`);
      });
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(await database.reader.get(sql`SELECT total FROM totals`)).toEqual({ total: 12 });
  });

  it('lets bodies insert what is missing, although they come at the same time', async () => {
    const database = await open(numbers);
    const ensure = (n: number): Promise<boolean> =>
      database.transact(async (writer) => {
        const found = await writer.get(sql`SELECT n FROM numbers WHERE n = ${n}`);
        if (found === undefined) await add(n)(writer);
        return found === undefined;
      });
    const made = await Promise.all([1, 1, 2, 1, 2, 1].map(ensure));
    expect(made.filter(Boolean)).toHaveLength(2);
    expect(await count(database)).toEqual({ n: 2 });
  });

  it('runs what was asked for on durability before transact resolves, in order', async () => {
    const database = await open(numbers);
    const seen: string[] = [];
    const tell = (n: number): Promise<unknown> =>
      database
        .transact(async (writer) => {
          await add(n)(writer);
          writer.onDurable(() => seen.push(`first ${n}`));
          writer.onDurable(() => seen.push(`second ${n}`));
          writer.onRollback(() => seen.push(`rollback ${n}`));
        })
        .then(() => seen.push(`resolved ${n}`));
    await tell(1);
    await tell(2);
    expect(seen).toEqual(['first 1', 'second 1', 'resolved 1', 'first 2', 'second 2', 'resolved 2']);
  });

  it('runs what was asked for on rollback, and nothing else, if the body throws', async () => {
    const database = await open(numbers);
    const seen: string[] = [];
    const refused = database.transact(async (writer) => {
      writer.onDurable(() => seen.push('durable'));
      writer.onRollback(() => seen.push('rollback'));
      await add(1)(writer);
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    expect(seen).toEqual(['rollback']);
  });

  it('lets a body read outside its transaction, where its own changes are not seen', async () => {
    const database = await open(numbers);
    await database.transact(add(1));
    const seen = await database.transact(async (writer) => {
      await add(2)(writer);
      const single = await count(database);
      const snapshot = await database.read((reader) => reader.all(sql`SELECT n FROM numbers`));
      return { single, snapshot, own: await writer.get(sql`SELECT count(*) AS n FROM numbers`) };
    });
    expect(seen).toEqual({ single: { n: 1 }, snapshot: [{ n: 1 }], own: { n: 2 } });
  });

  it('lets many bodies read outside at once', async () => {
    const database = await open(numbers);
    const work = Array.from({ length: 40 }, (_, n) =>
      database.transact(async (writer) => {
        await add(n)(writer);
        await count(database);
      }),
    );
    await Promise.all([...work, ...Array.from({ length: 40 }, () => database.read(() => count(database)))]);
    expect(await count(database)).toEqual({ n: 40 });
  });

  it('reads one state in a read body, whatever is written meanwhile', async () => {
    const database = await open(numbers);
    await database.transact(add(1));
    const counts = await database.read(async (reader) => {
      const before = await reader.get(sql`SELECT count(*) AS n FROM numbers`);
      await database.transact(add(2));
      await database.transact(add(3));
      return [before, await reader.get(sql`SELECT count(*) AS n FROM numbers`)];
    });
    expect(counts).toEqual([{ n: 1 }, { n: 1 }]);
    expect(await count(database)).toEqual({ n: 3 });
  });

  it('carries on after many snapshots that are open at once', async () => {
    const database = await open(numbers);
    const gate = Promise.withResolvers<void>();
    const reads: Promise<unknown>[] = [];
    // More than a pool of PostgreSQL has connections would leave none for writing.
    const snapshots = dialect === 'sqlite' ? 12 : 3;
    for (let n = 0; n < snapshots; n++) {
      reads.push(
        database.read(async (reader) => {
          const before = await reader.get(sql`SELECT count(*) AS n FROM numbers`);
          await gate.promise;
          return [before, await reader.get(sql`SELECT count(*) AS n FROM numbers`)];
        }),
      );
      await database.transact(add(n));
    }
    gate.resolve();
    for (const [before, after] of (await Promise.all(reads)) as unknown[][]) expect(after).toEqual(before);
    expect(await count(database)).toEqual({ n: snapshots });
  });

  it('refuses everything after a statement that failed, even if the body carries on', async () => {
    const database = await open(numbers);
    await database.transact(add(1));
    const refused = database.transact(async (writer) => {
      await add(2)(writer);
      await add(1)(writer).catch(() => {});
      await expect(writer.get(sql`SELECT 1 AS one`)).rejects.toBeInstanceOf(Error);
    });
    await expect(refused).rejects.toMatchObject({ kind: 'constraint' });
    expect(await count(database)).toEqual({ n: 1 });
  });

  it('refuses a writer that is used after its transaction', async () => {
    const database = await open(numbers);
    let kept: Writer | undefined;
    await database.transact(async (writer) => {
      kept = writer;
    });
    await expect(kept?.insert('numbers', ['n', 'name'], [[1, 'late']])).rejects.toBeInstanceOf(DatabaseError);
    expect(await count(database)).toEqual({ n: 0 });
  });

  it('holds locks until the transaction is over', async () => {
    const database = await open(numbers);
    const seen: string[] = [];
    const locked = (name: string, ...keys: string[]): Promise<void> =>
      database.transact(async (writer) => {
        await writer.lock(...keys);
        seen.push(`${name} begins`);
        const total = (await writer.get<{ total: number }>(sql`SELECT total FROM totals WHERE id = 1`))?.total ?? 0;
        await writer.run(sql`UPDATE totals SET total = ${total + 1} WHERE id = 1`);
        seen.push(`${name} ends`);
      });
    await Promise.all([locked('a', 'room 1', 'room 2'), locked('b', 'room 2', 'room 1'), locked('c', 'room 1')]);
    // Nobody had to try again: with the lock each saw what the one before had written.
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(await database.reader.get(sql`SELECT total FROM totals`)).toEqual({ total: 3 });
  });

  it('takes locks only at the beginning', async () => {
    const database = await open(numbers);
    const late = database.transact(async (writer) => {
      await add(1)(writer);
      await writer.lock('room');
    });
    await expect(late).rejects.toMatchObject({ kind: 'statement' });
    await database.transact(async (writer) => {
      await writer.lock('room');
      await add(2)(writer);
    });
    expect(await count(database)).toEqual({ n: 1 });
  });

  it('refuses what comes after closing, and finishes what came before', async () => {
    const database = await open(numbers);
    const before = database.transact(add(1));
    const closing = database.close();
    await expect(database.transact(add(2))).rejects.toMatchObject({ kind: 'closed' });
    await before;
    await closing;
    await expect(database.reader.get(sql`SELECT 1 AS one`)).rejects.toMatchObject({ kind: 'closed' });
  });
});
