/**
 * Statements that change the schema are written for SQLite; this makes them PostgreSQL's: `BLOB` becomes `BYTEA`,
 * an integer primary key (SQLite's row number, 64 bits wide) a BIGINT, and SQLite's table options go.
 */
export function toPostgresDdl(text: string): string {
  return text
    .replace(/\bBLOB\b/gi, 'BYTEA')
    .replace(/\bINTEGER(\s+NOT\s+NULL)?\s+PRIMARY\s+KEY\b/gi, 'BIGINT$1 PRIMARY KEY')
    .replace(/\)\s*(?:(?:WITHOUT\s+ROWID|STRICT)\s*,?\s*)+;?\s*$/i, ')');
}

export function isDdl(text: string): boolean {
  return /^\s*(?:CREATE|ALTER|DROP)\s/i.test(text);
}
