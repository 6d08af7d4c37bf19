import { DatabaseError, type Constraint, type ConstraintKind } from '../errors.ts';

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;

const constraintKinds: Readonly<Record<number, ConstraintKind>> = {
  275: 'check',
  787: 'foreign-key',
  1299: 'not-null',
  1555: 'unique',
  2067: 'unique',
  2579: 'unique',
};

interface SqliteError extends Error {
  errcode: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** SQLite's error as ours; errors from elsewhere stay as they are. `path` is named in sentences about the file. */
export function fromSqlite(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  const code = String(error.errcode);
  switch (error.errcode & 0xff) {
    case FULL:
      return new DatabaseError('full', `There is no room left on the disk for the database ${path}`, { code });
    case READONLY:
      return new DatabaseError(
        'readonly',
        `The database ${path} can't be written: the file or its folder is read-only`,
        { code },
      );
    case CANTOPEN:
      return new DatabaseError(
        'readonly',
        `The database ${path} can't be opened: its folder doesn't exist, is on a read-only disk, or isn't accessible`,
        { code },
      );
    case IOERR:
      return new DatabaseError('io', `Reading or writing the database ${path} failed (SQLite error ${code})`, { code });
    case CORRUPT:
      return new DatabaseError('corrupt', `The database ${path} is damaged; restore it from a backup`, { code });
    case NOTADB:
      return new DatabaseError('corrupt', `The file ${path} is not a SQLite database`, { code });
    case BUSY:
    case LOCKED:
      return new DatabaseError('busy', `The database ${path} is held by another program`, { code });
    case CONSTRAINT:
      return new DatabaseError('constraint', error.message, { code, constraint: constraintOf(error) });
    default:
      // FTS5 quotes the text that was searched for.
      return new DatabaseError(
        'statement',
        error.message.startsWith('fts5:') ? 'The full-text query is malformed' : error.message,
        { code },
      );
  }
}

// "UNIQUE constraint failed: t.a, t.b", "UNIQUE constraint failed: index 'name'", "CHECK constraint failed: name"
function constraintOf(error: SqliteError): Constraint {
  const kind = constraintKinds[error.errcode] ?? 'other';
  const detail = error.message.slice(error.message.indexOf(': ') + 2);
  if (kind !== 'unique' && kind !== 'not-null') return kind === 'check' ? { kind, name: detail } : { kind };
  const index = /^index '(.*)'$/.exec(detail);
  if (index?.[1]) return { kind, name: index[1] };
  const columns = detail.split(', ').map((column) => column.slice(column.indexOf('.') + 1));
  return { kind, table: detail.slice(0, detail.indexOf('.')), columns };
}
