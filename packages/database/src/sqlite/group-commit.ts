import type { Cancellable } from '@myelin/runtime';
import type { Writer } from '../database.ts';
import { DatabaseError } from '../errors.ts';
import { asDatabaseError, notCommitted, settleFailed } from './batch-failures.ts';
import type { GroupCommitLimits, GroupCommitParts } from './group-commit-parts.ts';
import { JobQueue, type Job } from './job-queue.ts';
import type { SqliteReaders } from './readers.ts';
import { SqliteTransaction } from './transaction.ts';
import type { WriterConnection } from './writer-connection.ts';

/** Milliseconds between tries while another program holds the file. */
const busyRetryMs = 10;

/**
 * Runs the bodies of `transact` one after another and commits them in batches: while one batch is on its way to the
 * disk, the bodies that arrive run already and make up the next. Nothing waits for a timer: a body that comes alone
 * is committed at once, and the slower the disk, the more share a flush.
 */
export class GroupCommit {
  /** Called when a batch is on the disk, after its transactions were told. */
  afterBatch: () => void = () => {};

  readonly #connection: WriterConnection;
  readonly #readers: SqliteReaders;
  readonly #parts: GroupCommitParts;
  readonly #limits: GroupCommitLimits;

  readonly #queue = new JobQueue();
  /** Finished bodies of the open transaction. */
  #batch: Job[] = [];
  #batchStart = 0;
  #running: Job | undefined;
  #turn = 0;
  #watch: Cancellable | undefined;
  #flushing = false;
  /** The durability has not called the batch's commit yet: nothing may run on the connection. */
  #committing = false;
  #paused = false;
  /** Another program holds the file; since when. */
  #busySince: number | undefined;
  #retrying = false;
  #failure: DatabaseError | undefined;
  #refusal: DatabaseError | undefined;
  #abandoned = false;
  #idle: (() => void)[] = [];
  #quiet: (() => void) | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
    this.#connection = parts.connection;
    this.#readers = parts.readers;
    this.#limits = parts.limits;
  }

  transact<T>(body: (writer: Writer) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#abandoned) return;
      const refusal = this.#failure ?? this.#refusal;
      if (refusal !== undefined) return reject(refusal);
      if (this.#queue.length >= this.#limits.maxWaiting) {
        return reject(new DatabaseError('busy', 'Too many transactions are waiting for the database'));
      }
      this.#queue.push({ body, resolve: resolve as (value: unknown) => void, reject });
      if (this.#running === undefined) this.#proceed();
      else this.#watchRunning();
    });
  }

  /** Resolves once no transaction is open, on its way to the disk or waiting. */
  whenIdle(): Promise<void> {
    if (this.#isQuiet() && this.#queue.length === 0) return Promise.resolve();
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

  /** Refuses all that comes from now on; what waits is still done. */
  refuse(error: DatabaseError): void {
    this.#refusal = error;
  }

  /** Refuses what waits and all that comes. */
  fail(error: DatabaseError): void {
    this.#failure ??= error;
    this.#watch?.cancel();
    for (const job of this.#queue.takeAll()) job.reject(error);
    if (this.#running === undefined && !this.#committing) this.#dropBatch(error);
  }

  /** Stops as a process does that is killed: nothing that waits is ever told. */
  abandon(): void {
    this.#abandoned = true;
    this.#watch?.cancel();
    // A body that is still under way can't write any more: the connection may be another's by then.
    this.#running?.transaction?.end();
    this.#connection.rollback();
  }

  #isQuiet(): boolean {
    return this.#running === undefined && !this.#flushing && this.#batch.length === 0;
  }

  /** Runs the next body, or commits what has run, if either may be done now. */
  #proceed(): void {
    if (this.#running !== undefined || this.#committing || this.#abandoned) return;
    if (this.#queue.length > 0 && !this.#paused && !this.#retrying && !this.#isBatchFull()) return this.#runNext();
    if (this.#flushing) return;
    if (this.#batch.length > 0) return this.#commitBatch();
    if (this.#paused) {
      this.#quiet?.();
      this.#quiet = undefined;
    } else if (this.#queue.length === 0) {
      for (const wake of this.#idle.splice(0)) wake();
    }
  }

  #isBatchFull(): boolean {
    if (this.#batch.length === 0) return false;
    if (this.#batch.length >= this.#limits.maxBatch) return true;
    return !this.#flushing && this.#parts.clock.monotonic() - this.#batchStart > this.#limits.maxBatchMs;
  }

  #runNext(): void {
    if (this.#batch.length === 0 && !this.#begin()) return;
    const job = this.#queue.shift() as Job;
    this.#running = job;
    this.#turn++;
    if (this.#queue.length > 0) this.#watchRunning();
    job.transaction = new SqliteTransaction(this.#connection, this.#batch.length > 0);
    let outcome: Promise<unknown>;
    try {
      outcome = job.body(job.transaction);
    } catch (error) {
      outcome = Promise.reject(error as Error);
    }
    outcome.then(
      (value) => this.#bodyDone(job, value),
      (error: unknown) => this.#bodyFailed(job, error),
    );
  }

  /** Begins the transaction of a batch. False if that has to wait for another program, or failed. */
  #begin(): boolean {
    const now = this.#parts.clock.monotonic();
    try {
      this.#connection.begin();
      this.#batchStart = now;
      this.#busySince = undefined;
      return true;
    } catch (error) {
      const isBusy = error instanceof DatabaseError && error.kind === 'busy';
      this.#busySince ??= now;
      if (isBusy && now - this.#busySince < this.#limits.maxBusyMs) {
        this.#retrying = true;
        this.#parts.timers.after(busyRetryMs, () => {
          this.#retrying = false;
          this.#proceed();
        });
      } else {
        this.#busySince = undefined;
        this.#queue.shift()?.reject(error);
        queueMicrotask(() => this.#proceed());
      }
      return false;
    }
  }

  /** Sees to it that a body which never ends doesn't stop all writers for ever. */
  #watchRunning(): void {
    // The timer outlives the body, and must not keep what that held.
    const turn = this.#turn;
    this.#watch ??= this.#parts.timers.after(this.#limits.maxBodyMs, () => {
      this.#watch = undefined;
      if (this.#running !== undefined && this.#turn === turn) {
        const seconds = Math.round(this.#limits.maxBodyMs / 1000);
        const says = `A transaction kept the others waiting for ${seconds} s and was given up`;
        this.#bodyFailed(this.#running, new DatabaseError('busy', says));
      } else if (this.#running !== undefined && this.#queue.length > 0) this.#watchRunning();
    });
  }

  #bodyDone(job: Job, value: unknown): void {
    const { transaction } = job;
    if (this.#running !== job || transaction === undefined || this.#abandoned) return;
    if (transaction.failure !== undefined) return this.#bodyFailed(job, transaction.failure);
    try {
      transaction.keep();
    } catch (error) {
      return this.#bodyFailed(job, error);
    }
    transaction.end();
    this.#running = undefined;
    job.value = value;
    this.#batch.push(job);
    if (this.#failure !== undefined) return this.#dropBatch(this.#failure);
    this.#proceed();
  }

  #bodyFailed(job: Job, error: unknown): void {
    const { transaction } = job;
    if (this.#running !== job || transaction === undefined || this.#abandoned) return;
    transaction.end();
    this.#running = undefined;
    try {
      if (this.#batch.length === 0) this.#connection.rollback();
      else if (this.#connection.inTransaction) transaction.undo();
    } catch (undoError) {
      this.fail(asDatabaseError(undoError));
    }
    settleFailed(job, error);
    if (this.#failure !== undefined) return this.#dropBatch(this.#failure);
    // On some errors (a full disk, for one) SQLite has undone the whole transaction.
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
      if (!this.#committing || committed || this.#abandoned) return;
      this.#readers.pin();
      this.#connection.commit();
      committed = true;
      this.#committing = false;
      if (flushCalled) this.#proceed();
    };
    try {
      outcome = this.#parts.durability.flush(commit);
    } catch (error) {
      outcome = Promise.reject(error as Error);
    }
    flushCalled = true;
    outcome.then(
      () => (committed ? this.#batchDurable(batch) : this.#batchFailed(batch, false, notCommitted())),
      (error: unknown) => this.#batchFailed(batch, committed, error),
    );
    // Only now, so that the disk works while the next bodies run.
    if (committed) this.#proceed();
  }

  #batchDurable(batch: Job[]): void {
    if (this.#abandoned) return;
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
    if (this.#abandoned) return;
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
