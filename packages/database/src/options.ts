import type { Durability } from './sqlite/durability.ts';
import type { SqliteConnections } from './sqlite/kept-connections.ts';

export interface SqliteOptions {
  kind: 'sqlite';
  /** A file; or `:memory:` for a database that is gone once closed. */
  path: string;
  /** Kilobytes of pages kept in memory by the writing connection (default 16,384) and by each reading one (default 8,192). */
  writerCacheKb?: number;
  readerCacheKb?: number;
  /** Pages of the write-ahead log at which they are moved into the file (default 1,000: 4 MB); Infinity: never, for the simulator. */
  logPages?: number;
  /** Bodies in one commit at most (default 64). */
  maxBatch?: number;
  /** Bodies of `transact` that may wait at most (default 10,000). */
  maxWaiting?: number;
  /** Called with a sentence for the log when something goes on less well than it should. */
  onWarning?: (message: string) => void;
  /** Takes the place of commit and flush: for the simulator. */
  durability?: Durability;
  /** Where connections come from and go: for the simulator. */
  connections?: SqliteConnections;
}

/** What Synapse hands to psycopg2, by the same names (https://www.postgresql.org/docs/current/libpq-connect.html). */
export interface PostgresArguments {
  user?: string;
  password?: string;
  /** `dbname` is the name in connection strings, `database` the one that Synapse's sample uses. */
  database?: string;
  dbname?: string;
  host?: string;
  port?: number | string;
  /** A connection string: `postgres://…`, or `host=… dbname=…`. The other arguments go before it. */
  dsn?: string;
  sslmode?: string;
  sslrootcert?: string;
  sslcert?: string;
  sslkey?: string;
  application_name?: string;
  /** Options of the server, e.g. `-c search_path=…`. */
  options?: string;
  /** Seconds. */
  connect_timeout?: number | string;
  keepalives?: number | string;
  /** Seconds. */
  keepalives_idle?: number | string;
  /** Connections at least and at most (default 5 and 10). Fewer than 3 at most are too few: 3 are used. */
  cp_min?: number | string;
  cp_max?: number | string;
}

export interface PostgresOptions extends PostgresArguments {
  kind: 'postgres';
  /** Works with a database whose collation isn't C (Synapse's `allow_unsafe_locale`). */
  allowUnsafeLocale?: boolean;
  /** False: transactions resolve before they are on the disk (Synapse's `synchronous_commit`). */
  synchronousCommit?: boolean;
  /** Milliseconds that a statement may take (Synapse's `statement_timeout`; default one hour). */
  statementTimeout?: number;
  /** Transactions and reads that may wait for a connection at most (default 10,000). */
  maxWaiting?: number;
}

export type DatabaseOptions = SqliteOptions | PostgresOptions;
