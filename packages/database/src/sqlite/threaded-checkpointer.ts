import { Worker } from 'node:worker_threads';
import type { DatabaseError } from '../errors.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteReaders } from './readers.ts';
import type { WriterConnection } from './writer-connection.ts';

export type CheckpointRequest = 'checkpoint' | 'restart' | 'close';

export interface CheckpointAnswer {
  complete: boolean;
  problem?: string;
}

export interface CheckpointParts {
  writer: WriterConnection;
  readers: SqliteReaders;
  commits: GroupCommit;
  /** Pages in the log at which a checkpoint begins. */
  limit: number;
  /** Throws if the log is no longer the file that is flushed. */
  checkLog: () => void;
  warn: (message: string) => void;
}

/**
 * Checkpoints in a thread of its own, so that neither copying pages nor flushing them stops the event loop. Most of
 * the log is moved while writing goes on; then writing pauses for the rest, since the log can start over only when
 * all of it was moved. Reading never pauses.
 */
export class ThreadedCheckpointer implements Checkpointer {
  readonly #parts: CheckpointParts;
  #worker: Worker | undefined;
  #under: Promise<void> | undefined;
  #nextAt: number;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
    this.#nextAt = parts.limit;
  }

  afterBatch(): void {
    if (this.#under !== undefined || this.#parts.writer.logFrames < this.#nextAt) return;
    this.#under = this.#checkpoint()
      .catch((error: unknown) => this.#warn(error instanceof Error ? error.message : 'unknown error'))
      .finally(() => (this.#under = undefined));
  }

  async close(): Promise<void> {
    await this.#under;
    if (this.#worker !== undefined) await this.#ask('close');
  }

  async #checkpoint(): Promise<void> {
    const { writer, readers, commits, limit } = this.#parts;
    if (!this.#isLogOurs()) return;
    await this.#ask('checkpoint');
    let restarted = false;
    await commits.pauseFor(async () => {
      if (!(await this.#ask('checkpoint'))) return;
      // A snapshot in the log would keep it from starting over.
      readers.renew();
      restarted = await this.#ask('restart');
    });
    // Where an old snapshot is still being read from the log, it goes on growing until the next try.
    this.#nextAt = restarted ? limit : writer.logFrames + limit;
  }

  #isLogOurs(): boolean {
    try {
      this.#parts.checkLog();
      return true;
    } catch (error) {
      this.#parts.commits.fail(error as DatabaseError);
      return false;
    }
  }

  async #ask(request: CheckpointRequest): Promise<boolean> {
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<CheckpointAnswer>();
    const ended = (): void => reject(new Error('the thread ended'));
    worker.once('message', resolve).once('exit', ended);
    // The process stays alive for an answer, not for the thread.
    worker.ref();
    worker.postMessage(request);
    const answer = await promise.finally(() => {
      worker.unref();
      worker.off('message', resolve).off('exit', ended);
    });
    if (answer.problem !== undefined) this.#warn(answer.problem);
    return answer.complete;
  }

  #start(): Worker {
    const worker = startWorker(this.#parts.writer.path);
    worker.on('error', (error) => this.#warn(error.message));
    worker.on('exit', () => (this.#worker = undefined));
    return worker;
  }

  #warn(problem: string): void {
    this.#parts.warn(`Moving the database's log into its file failed: ${problem}`);
  }
}

function startWorker(path: string): Worker {
  // The same name as this file's, with the ending that it has here: .ts from source, .js in a release.
  const file = new URL(`./checkpoint-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  const worker = new Worker(file, {
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  return worker;
}
