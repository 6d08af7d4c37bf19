import type { SqlValue } from './statement.ts';

export type RowMaker = (values: readonly SqlValue[]) => unknown;

/**
 * Makes plain objects from the arrays that SQLite's rows come in. Arrays with a generated maker cost half of what
 * node:sqlite's own objects do (measured: 1.1 µs against 2.3 µs for a row of three columns), and the objects are of
 * one shape, which keeps the code that reads them fast.
 */
export function rowMaker(columns: readonly string[]): RowMaker {
  const members = columns.map((name, i) => `${JSON.stringify(name)}:row[${i}]`);
  // The names come from the statement's text, which is the code's own, and are quoted.
  // oxlint-disable-next-line no-new-func
  return new Function('row', `return {${members.join(',')}}`) as RowMaker;
}
