import { join } from 'node:path';
import { systemRuntime } from '@myelin/runtime';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Row } from '../database.ts';
import { sql } from '../sql.ts';
import type { Durability } from './durability.ts';
import { openSqlite } from './open.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What one transaction does, and what the disk does with the flushes. */
const transactions = fc.array(fc.record({ rows: fc.integer({ min: 1, max: 4 }), throws: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});
const flushes = fc.array(
  fc.record({ beforeCommit: fc.integer({ min: 0, max: 3 }), afterCommit: fc.integer({ min: 0, max: 3 }) }),
  { minLength: 8, maxLength: 8 },
);

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

it('after a crash at any moment has all that was acknowledged, and each transaction whole or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(transactions, flushes, fc.integer({ min: 0, max: 20 }), async (bodies, delays, crashAfter) => {
      const folder = temporaryFolder();
      const path = join(folder.path, 'database');
      let next = 0;
      const durability: Durability = {
        async flush(commit) {
          const { beforeCommit, afterCommit } = delays[next++ % delays.length] ?? { beforeCommit: 0, afterCommit: 0 };
          await turns(beforeCommit);
          commit();
          await turns(afterCommit);
        },
      };
      const database = await openSqlite({ kind: 'sqlite', path, durability, logPages: 20 }, systemRuntime);
      await database.transact((writer) =>
        writer.run(sql`CREATE TABLE entries (body INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (body, n))`),
      );
      const acknowledged: number[] = [];
      for (const [body, { rows, throws }] of bodies.entries()) {
        const work = database.transact(async (writer) => {
          for (let n = 0; n < rows; n++) await writer.insert('entries', ['body', 'n'], [[body, n]]);
          if (throws) throw new Error('refused');
        });
        work.then(
          () => acknowledged.push(body),
          () => {},
        );
        await turns(body % 3);
      }
      await turns(crashAfter);
      database.crash();
      const told = [...acknowledged];
      const after = await openSqlite({ kind: 'sqlite', path }, systemRuntime);
      const kept = await after.reader.all<Row & { body: number; n: number }>(
        sql`SELECT body, count(*) AS n FROM entries GROUP BY body`,
      );
      await after.close();
      folder.remove();
      for (const { body, n } of kept) expect(bodies[body]).toEqual({ rows: n, throws: false });
      const keptBodies = new Set(kept.map((row) => row.body));
      expect(told.filter((body) => !keptBodies.has(body))).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);
