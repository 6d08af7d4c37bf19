/**
 * What went wrong, as far as the rest of the server acts on it.
 *
 * - `full`: no room on the disk; nothing of the transaction was kept; later ones may succeed.
 * - `readonly`: the file or folder can't be written.
 * - `corrupt`: the file is damaged or isn't a database.
 * - `busy`: too much is waiting, or another program holds the database.
 * - `connection`: the database server can't be reached or the connection broke. If that happened while committing,
 *   `outcomeUnknown` is true.
 * - `constraint`: a UNIQUE, CHECK, NOT NULL or FOREIGN KEY constraint doesn't hold.
 * - `io`: the disk failed; what was waiting is refused, and the database takes no more writes until restarted.
 * - `version`: the database was made by a version of the code that this one can't work with.
 * - `configuration`: the database can't be used as it is set up (its locale, its encoding, a wrong option).
 * - `closed`: the database was closed.
 * - `statement`: anything else, mostly a mistake in a statement.
 */
export type DatabaseErrorKind =
  | 'full'
  | 'readonly'
  | 'corrupt'
  | 'busy'
  | 'connection'
  | 'constraint'
  | 'io'
  | 'version'
  | 'configuration'
  | 'closed'
  | 'statement';

export type ConstraintKind = 'unique' | 'foreign-key' | 'check' | 'not-null' | 'other';

/** Which constraint doesn't hold. SQLite tells table and columns, PostgreSQL the table and the constraint's name. */
export interface Constraint {
  kind: ConstraintKind;
  name?: string;
  table?: string;
  columns?: readonly string[];
}

export interface DatabaseErrorDetails {
  constraint?: Constraint;
  /** The database's own code: a SQLSTATE, or SQLite's extended result code. */
  code?: string;
  outcomeUnknown?: boolean;
}

/** An error of the database. Its text holds no values. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly kind: DatabaseErrorKind;
  readonly constraint: Constraint | undefined;
  readonly code: string | undefined;
  readonly outcomeUnknown: boolean;

  constructor(kind: DatabaseErrorKind, message: string, details: DatabaseErrorDetails = {}) {
    super(message);
    this.kind = kind;
    this.constraint = details.constraint;
    this.code = details.code;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
  }
}

/** True if a UNIQUE or PRIMARY KEY constraint doesn't hold. */
export function isUniqueViolation(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.constraint?.kind === 'unique';
}
