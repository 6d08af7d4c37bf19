import { DatabaseSync } from 'node:sqlite';

/** What a file written by `writer-process.ts` holds, for tests. */
export interface Found {
  numbers: number[];
  /** What is wrong with it; empty if nothing is. */
  faults: string[];
}

/** Opens the file as after a crash, and looks whether each transaction is there whole and all `acknowledged` are. */
export function checkWritten(path: string, acknowledged: Iterable<number>): Found {
  const database = new DatabaseSync(path);
  try {
    const faults: string[] = [];
    const column = (text: string): number[] =>
      database
        .prepare(text)
        .all()
        .map((row) => Number(row['n']));
    const integrity = database.prepare('PRAGMA integrity_check').all();
    if (integrity[0]?.['integrity_check'] !== 'ok') faults.push('the file is damaged');
    const tables = column(`SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'`)[0];
    const numbers = tables === 0 ? [] : column('SELECT n FROM ones ORDER BY n');
    const twos = tables === 0 ? [] : column('SELECT n FROM twos ORDER BY n');
    const latest = new Map(tables === 0 ? [] : numbers.map((n) => [n % 20, n]));
    if (numbers.join() !== twos.join()) faults.push('a transaction is there in part');
    for (const n of tables === 0 ? [] : column('SELECT n FROM latest')) {
      if (latest.get(n % 20) !== n) faults.push(`the row that ${n} changed is not of its transaction`);
    }
    const kept = new Set(numbers);
    for (const n of acknowledged) if (!kept.has(n)) faults.push(`${n} was acknowledged and is lost`);
    return { numbers, faults };
  } catch (error) {
    return { numbers: [], faults: [error instanceof Error ? error.message : 'unknown error'] };
  } finally {
    database.close();
  }
}
