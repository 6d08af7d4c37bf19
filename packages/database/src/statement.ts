/** A value that both databases store: booleans are kept as 0 and 1, JSON as text. */
export type SqlValue = string | number | null | Uint8Array;

/** What may stand in a `sql` template: a value, or another piece of SQL. */
export type SqlPart = SqlValue | Sql;

/** A statement or a piece of one; values stay apart from the text. Made by the `sql` tag. */
export interface Sql {
  readonly strings: readonly string[];
  readonly parts: readonly SqlPart[];
}
