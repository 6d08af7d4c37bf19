import { DatabaseError, type Constraint, type ConstraintKind, type DatabaseErrorKind } from '../errors.ts';

/** What pg reports of an error of the server. */
interface ServerError extends Error {
  code: string;
  detail?: string;
  table?: string;
  column?: string;
  constraint?: string;
}

const constraintKinds: Readonly<Record<string, ConstraintKind>> = {
  '23502': 'not-null',
  '23503': 'foreign-key',
  '23505': 'unique',
  '23514': 'check',
};

/** Kinds by SQLSTATE, or by its class (the first two characters); https://www.postgresql.org/docs/current/errcodes-appendix.html */
const kinds: Readonly<Record<string, DatabaseErrorKind>> = {
  '08': 'connection',
  '23': 'constraint',
  '25006': 'readonly',
  '28': 'configuration',
  '3D': 'configuration',
  '40': 'busy',
  '53100': 'full',
  '53': 'busy',
  '55P03': 'busy',
  '57014': 'busy',
  '57P': 'connection',
  '58': 'io',
  XX001: 'corrupt',
  XX002: 'corrupt',
};

/** Serialization failure, deadlock: the transaction may be tried again from its beginning. */
export function isRetryable(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}

/** An error of pg as ours; errors from elsewhere stay as they are. Details, which hold values, are left out. */
export function fromPostgres(error: unknown): unknown {
  if (
    !(error instanceof Error) ||
    error instanceof DatabaseError ||
    error instanceof TypeError ||
    error instanceof RangeError
  )
    return error;
  if (!isServerError(error)) return connectionError(error);
  const { code } = error;
  const kind = kinds[code] ?? kinds[code.slice(0, 3)] ?? kinds[code.slice(0, 2)] ?? 'statement';
  return new DatabaseError(kind, sentence(kind, error), {
    code,
    ...(kind === 'constraint' && { constraint: constraintOf(error) }),
  });
}

function isServerError(error: Error): error is ServerError {
  return 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/** Also what pg throws of its own accord: it says no code, and is about the connection. */
function connectionError(error: Error): DatabaseError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const message = error.message === '' ? (code ?? 'unknown error') : error.message;
  return new DatabaseError(
    'connection',
    `The connection to PostgreSQL failed: ${message}`,
    code === undefined ? {} : { code },
  );
}

function sentence(kind: DatabaseErrorKind, error: ServerError): string {
  switch (kind) {
    case 'full':
      return 'There is no room left on the disk of the PostgreSQL server';
    case 'readonly':
      return 'The PostgreSQL server takes no writes (it is read-only, or a standby)';
    case 'corrupt':
      return 'PostgreSQL found its data damaged; restore it from a backup';
    default:
      // Class 22, data exceptions, quotes the value.
      return error.code.startsWith('22')
        ? `A value doesn't fit where it is used (SQLSTATE ${error.code})`
        : error.message;
  }
}

function constraintOf(error: ServerError): Constraint {
  const columns =
    error.column === undefined ? /^Key \((.*?)\)=/.exec(error.detail ?? '')?.[1]?.split(', ') : [error.column];
  return {
    kind: constraintKinds[error.code] ?? 'other',
    ...(error.constraint !== undefined && { name: error.constraint }),
    ...(error.table !== undefined && { table: error.table }),
    ...(columns !== undefined && { columns }),
  };
}
