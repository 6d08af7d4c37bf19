import type { Clock, Timers } from '@myelin/runtime';
import type { Durability } from './durability.ts';
import type { SqliteReaders } from './readers.ts';
import type { WriterConnection } from './writer-connection.ts';

export interface GroupCommitLimits {
  /** Bodies in one commit. */
  maxBatch: number;
  /** Milliseconds after which a batch is committed although more bodies wait. */
  maxBatchMs: number;
  /** Bodies that may wait; beyond that `transact` is refused as busy. */
  maxWaiting: number;
  /** Milliseconds after which a body is given up if others wait for it. */
  maxBodyMs: number;
  /** Milliseconds to wait for another program that holds the file. */
  maxBusyMs: number;
}

export interface GroupCommitParts {
  connection: WriterConnection;
  readers: SqliteReaders;
  durability: Durability;
  clock: Clock;
  timers: Timers;
  limits: GroupCommitLimits;
}
