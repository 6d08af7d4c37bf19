import type { Durability } from './sqlite/durability.ts';

export interface SqliteOptions {
  kind: 'sqlite';
  /** A file; or `:memory:` for a database that is gone once closed. */
  path: string;
  /** Kilobytes of pages kept in memory by the writing connection (default 16,384) and by each reading one (default 8,192). */
  writerCacheKb?: number;
  readerCacheKb?: number;
  /** Bodies in one commit at most (default 128). */
  maxBatch?: number;
  /** Bodies of `transact` that may wait at most (default 10,000). */
  maxWaiting?: number;
  /** Takes the place of commit and flush: for the simulator. */
  durability?: Durability;
}

export type DatabaseOptions = SqliteOptions;
