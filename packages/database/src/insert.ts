import { checkValue } from './compile.ts';
import type { SqlValue } from './statement.ts';

interface Entry<T> {
  columns: readonly string[];
  onConflict: string | undefined;
  made: T;
}

/** Keeps what was made for an INSERT, found by table, columns and conflict clause without building a text. */
export class InsertCache<T> {
  readonly #byTable = new Map<string, Entry<T>[]>();

  find(table: string, columns: readonly string[], onConflict: string | undefined, make: () => T): T {
    let entries = this.#byTable.get(table);
    if (entries === undefined) this.#byTable.set(table, (entries = []));
    for (const entry of entries) {
      if (entry.onConflict === onConflict && sameNames(entry.columns, columns)) return entry.made;
    }
    const made = make();
    entries.push({ columns: [...columns], onConflict, made });
    return made;
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The text of an INSERT; `values` is what stands behind VALUES. */
export function insertText(
  table: string,
  columns: readonly string[],
  values: string,
  onConflict: string | undefined,
): string {
  const conflict = onConflict === undefined ? '' : ` ON CONFLICT ${onConflict}`;
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}${conflict}`;
}

/** Throws a TypeError unless the row has a storable value for each column. */
export function checkRow(table: string, columns: readonly string[], row: readonly SqlValue[]): void {
  if (row.length !== columns.length)
    throw new TypeError(`A row for ${table} has ${row.length} values for ${columns.length} columns`);
  for (let i = 0; i < row.length; i++) checkValue(row[i] as SqlValue);
}
