import { writeSync } from 'node:fs';
import { systemRuntime } from '@myelin/runtime';
import { openDatabase } from '../open.ts';
import { sql } from '../sql.ts';

// For tests, in a process of its own: writes from one number to another, eight at a time, and prints each number once
// its transaction was acknowledged. Each transaction writes two rows and changes a third.

const [path = '', first = '1', last = 'Infinity'] = process.argv.slice(2);
const database = await openDatabase({ kind: 'sqlite', path, logPages: 60 }, systemRuntime);
await database.transact(async (writer) => {
  await writer.run(sql`CREATE TABLE IF NOT EXISTS ones (n INTEGER NOT NULL PRIMARY KEY, t TEXT NOT NULL)`);
  await writer.run(sql`CREATE TABLE IF NOT EXISTS twos (n INTEGER NOT NULL PRIMARY KEY)`);
  await writer.run(sql`CREATE TABLE IF NOT EXISTS latest (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL)`);
});
let next = Number(first);

async function write(): Promise<void> {
  while (next <= Number(last)) {
    const n = next++;
    await database.transact(async (writer) => {
      await writer.insert('ones', ['n', 't'], [[n, 'x'.repeat(500 + (n % 7) * 300)]]);
      await writer.insert('twos', ['n'], [[n]]);
      await writer.insert('latest', ['id', 'n'], [[n % 20, n]], '(id) DO UPDATE SET n = excluded.n');
    });
    writeSync(1, `${n}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, write));
await database.close();
