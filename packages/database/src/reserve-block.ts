import type { Database } from './database.ts';
import { sql } from './sql.ts';

export interface NumberBlock {
  first: number;
  last: number;
}

/**
 * Reserves `size` numbers under a name, for good: once this resolves they are on the disk as given out, and no later
 * reservation, not even after a crash, gives any of them again. The first number of a name is 1. A counter in memory
 * takes its numbers from such blocks and reserves the next one before the last number is used.
 */
export async function reserveBlock(database: Database, name: string, size: number): Promise<NumberBlock> {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('A block holds at least one number');
  const row = await database.transact((writer) =>
    writer.get<{ next: number }>(
      sql`INSERT INTO reserved_numbers (name, next) VALUES (${name}, ${1 + size})
        ON CONFLICT (name) DO UPDATE SET next = reserved_numbers.next + ${size} RETURNING next`,
    ),
  );
  return blockBefore(row?.next ?? 0, size);
}

/** Reserves `size` numbers more under each name that has any, and under `names`, in one transaction. */
export async function reserveBlocks(
  database: Database,
  size: number,
  names: readonly string[] = [],
): Promise<Map<string, NumberBlock>> {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('A block holds at least one number');
  const rows = await database.transact(async (writer) => {
    const added = names.map((name) => [name, 1]);
    if (added.length > 0) await writer.insert('reserved_numbers', ['name', 'next'], added, '(name) DO NOTHING');
    return writer.all<{ name: string; next: number }>(
      sql`UPDATE reserved_numbers SET next = next + ${size} RETURNING name, next`,
    );
  });
  return new Map(rows.map(({ name, next }) => [name, blockBefore(next, size)]));
}

function blockBefore(next: number, size: number): NumberBlock {
  return { first: next - size, last: next - 1 };
}
