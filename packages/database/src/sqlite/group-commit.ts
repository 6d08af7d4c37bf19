import type { Clock } from '@myelin/runtime';
import { DatabaseError } from '../errors.ts';
import type { Writer } from '../database.ts';
import type { Durability } from './durability.ts';
import type { SqliteReaders } from './readers.ts';
import { SqliteTransaction } from './transaction.ts';
import type { WriterConnection } from './writer-connection.ts';

type Body = (writer: Writer) => Promise<unknown>;

interface Job {
  body: Body;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  transaction?: SqliteTransaction;
  value?: unknown;
}

export interface GroupCommitLimits {
  /** Bodies in one commit. */
  maxBatch: number;
  /** Milliseconds after which a batch is committed although more bodies wait. */
  maxBatchMs: number;
  /** Bodies that may wait; beyond that `transact` is refused as busy. */
  maxWaiting: number;
}

/**
 * Runs the bodies of `transact` one after another and commits them in batches: while one batch is on its way to the
 * disk, the bodies that arrive run already and make up the next. Nothing waits for a timer: a body that comes alone
 * is committed at once, and the slower the disk, the more share a flush.
 */
export class GroupCommit {
  readonly #connection: WriterConnection;
  readonly #readers: SqliteReaders;
  readonly #durability: Durability;
  readonly #clock: Clock;
  readonly #limits: GroupCommitLimits;

  /** Called when a batch is on the disk, after its transactions were told. */
  afterBatch: () => void = () => {};

  #queue: Job[] = [];
  #head = 0;
  /** Finished bodies of the open transaction. */
  #batch: Job[] = [];
  #batchStart = 0;
  #running = false;
  #flushing = false;
  /** The batch's commit was not called yet by the durability: nothing may run on the connection. */
  #committing = false;
  #paused = false;
  #failure: DatabaseError | undefined;
  #idle: (() => void)[] = [];
  #quiet: (() => void) | undefined;

  constructor(connection: WriterConnection, readers: SqliteReaders, durability: Durability, clock: Clock, limits: GroupCommitLimits) {
    this.#connection = connection;
    this.#readers = readers;
    this.#durability = durability;
    this.#clock = clock;
    this.#limits = limits;
  }

  transact<T>(body: (writer: Writer) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#queue.length - this.#head >= this.#limits.maxWaiting) {
        return reject(new DatabaseError('busy', 'Too many transactions are waiting for the database'));
      }
      this.#queue.push({ body, resolve: resolve as (value: unknown) => void, reject });
      this.#proceed();
    });
  }

  /** Resolves once no transaction is open, on its way to the disk or waiting. */
  whenIdle(): Promise<void> {
    if (this.#isQuiet() && this.#head === this.#queue.length) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Runs `task` while no transaction is open or on its way to the disk; those that come meanwhile wait. */
  async pauseFor(task: () => Promise<void> | void): Promise<void> {
    this.#paused = true;
    if (!this.#isQuiet()) await new Promise<void>((resolve) => (this.#quiet = resolve));
    try {
      await task();
    } finally {
      this.#paused = false;
      this.#proceed();
    }
  }

  /** Refuses what waits and all that comes. */
  fail(error: DatabaseError): void {
    this.#failure ??= error;
    const waiting = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    for (const job of waiting) job.reject(error);
    if (!this.#running) this.#dropBatch(error);
  }

  #isQuiet(): boolean {
    return !this.#running && !this.#flushing && this.#batch.length === 0;
  }

  /** Runs the next body, or commits what has run, if either may be done now. */
  #proceed(): void {
    if (this.#running || this.#committing) return;
    const waiting = this.#head < this.#queue.length && !this.#paused;
    if (waiting && !this.#isBatchFull()) return this.#runNext();
    if (this.#flushing) return;
    if (this.#batch.length > 0) return this.#commitBatch();
    if (this.#paused) {
      this.#quiet?.();
      this.#quiet = undefined;
    } else if (this.#head === this.#queue.length) {
      for (const wake of this.#idle.splice(0)) wake();
    }
  }

  #isBatchFull(): boolean {
    if (this.#batch.length === 0) return false;
    if (this.#batch.length >= this.#limits.maxBatch) return true;
    return !this.#flushing && this.#clock.monotonic() - this.#batchStart > this.#limits.maxBatchMs;
  }

  #runNext(): void {
    const job = this.#takeNext();
    if (this.#batch.length === 0) {
      try {
        this.#connection.begin();
      } catch (error) {
        job.reject(error);
        return queueMicrotask(() => this.#proceed());
      }
      this.#batchStart = this.#clock.monotonic();
    }
    this.#running = true;
    const transaction = new SqliteTransaction(this.#connection, this.#batch.length > 0);
    job.transaction = transaction;
    let outcome: Promise<unknown>;
    try {
      outcome = job.body(transaction);
    } catch (error) {
      outcome = Promise.reject(error as Error);
    }
    outcome.then(
      (value) => this.#bodyDone(job, transaction, value),
      (error: unknown) => this.#bodyFailed(job, transaction, error),
    );
  }

  #takeNext(): Job {
    const job = this.#queue[this.#head] as Job;
    this.#head++;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return job;
  }

  #bodyDone(job: Job, transaction: SqliteTransaction, value: unknown): void {
    transaction.end();
    if (transaction.failure !== undefined) return this.#bodyFailed(job, transaction, transaction.failure);
    try {
      transaction.keep();
    } catch (error) {
      return this.#bodyFailed(job, transaction, error);
    }
    this.#running = false;
    job.value = value;
    this.#batch.push(job);
    if (this.#failure !== undefined) return this.#dropBatch(this.#failure);
    this.#proceed();
  }

  #bodyFailed(job: Job, transaction: SqliteTransaction, error: unknown): void {
    transaction.end();
    this.#running = false;
    try {
      if (this.#batch.length === 0) this.#connection.rollback();
      else if (this.#connection.inTransaction) transaction.undo();
    } catch (undoError) {
      this.fail(asDatabaseError(undoError));
    }
    settleFailed(job, error);
    if (this.#failure !== undefined) return this.#dropBatch(this.#failure);
    if (this.#batch.length > 0 && !this.#connection.inTransaction) return this.#dropBatch(error);
    this.#proceed();
  }

  /** Loses the bodies of the open transaction that have run. */
  #dropBatch(error: unknown): void {
    const batch = this.#batch;
    this.#batch = [];
    try {
      this.#connection.rollback();
    } catch (rollbackError) {
      this.#failure ??= asDatabaseError(rollbackError);
    }
    for (const job of batch) settleFailed(job, error);
    this.#proceed();
  }

  #commitBatch(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#flushing = true;
    this.#committing = true;
    let committed = false;
    let flushCalled = false;
    let outcome: Promise<void>;
    const commit = (): void => {
      if (!this.#committing || this.#failure !== undefined) return;
      this.#readers.pin();
      this.#connection.commit();
      committed = true;
      this.#committing = false;
      if (flushCalled) this.#proceed();
    };
    try {
      outcome = this.#durability.flush(commit);
    } catch (error) {
      outcome = Promise.reject(error as Error);
    }
    flushCalled = true;
    outcome.then(
      () => this.#batchDurable(batch, committed),
      (error: unknown) => this.#batchFailed(batch, committed, error),
    );
    // Only now, so that the disk works while the next bodies run.
    if (committed) this.#proceed();
  }

  #batchDurable(batch: Job[], committed: boolean): void {
    if (!committed) return this.#batchFailed(batch, committed, new DatabaseError('io', 'A batch was flushed without a commit'));
    this.#readers.unpin();
    this.#flushing = false;
    for (const job of batch) {
      job.transaction?.runDurableTasks();
      job.resolve(job.value);
    }
    this.afterBatch();
    this.#proceed();
  }

  #batchFailed(batch: Job[], committed: boolean, error: unknown): void {
    this.#flushing = false;
    this.#committing = false;
    if (committed) {
      // It is in the log, maybe not on the disk: no more writes, and readers stay at the state that is safe.
      this.fail(asDatabaseError(error));
    } else {
      try {
        this.#connection.rollback();
        this.#readers.unpin();
      } catch (rollbackError) {
        this.fail(asDatabaseError(rollbackError));
      }
    }
    for (const job of batch) settleFailed(job, error);
    this.#proceed();
  }
}

function settleFailed(job: Job, error: unknown): void {
  job.transaction?.runRollbackTasks();
  job.reject(error);
}

function asDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  return new DatabaseError('io', `Writing the database failed: ${error instanceof Error ? error.message : 'unknown error'}`);
}
