import { checkRow, InsertCache, insertText } from '../insert.ts';
import type { SqlValue } from '../statement.ts';
import type { NamedStatement, Statements } from './statements.ts';

/** Parameters of one statement; the protocol's limit is 65,535. */
const maxParameters = 32_000;
const maxRows = 256;

/**
 * Statements that insert rows many at a time. The rows are split into groups of powers of two, so that there are few
 * different texts for a table and each is prepared once.
 */
export class Inserts {
  readonly #statements: Statements;
  readonly #texts = new InsertCache<Map<number, string>>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  make(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    onConflict: string | undefined,
  ): NamedStatement[] {
    const texts = this.#texts.find(table, columns, onConflict, () => new Map<number, string>());
    const most = Math.min(maxRows, 2 ** Math.floor(Math.log2(maxParameters / columns.length)));
    const made: NamedStatement[] = [];
    for (let at = 0; at < rows.length;) {
      const count = Math.min(most, 2 ** Math.floor(Math.log2(rows.length - at)));
      let text = texts.get(count);
      if (text === undefined)
        texts.set(count, (text = insertText(table, columns, placeholders(count, columns.length), onConflict)));
      const values: SqlValue[] = [];
      for (const row of rows.slice(at, at + count)) {
        checkRow(table, columns, row);
        for (const value of row) values.push(value);
      }
      made.push(this.#statements.fromText({ text, values }));
      at += count;
    }
    return made;
  }
}

function placeholders(rows: number, columns: number): string {
  let next = 1;
  return Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => `$${next++}`).join(', ')})`).join(
    ', ',
  );
}
