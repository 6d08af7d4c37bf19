import type { Writer } from '../database.ts';
import type { SqliteTransaction } from './transaction.ts';

/** One call of `transact`. */
export interface Job {
  body: (writer: Writer) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  transaction?: SqliteTransaction;
  value?: unknown;
}

/** First in, first out, without moving what waits. */
export class JobQueue {
  #jobs: Job[] = [];
  #head = 0;

  get length(): number {
    return this.#jobs.length - this.#head;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  shift(): Job | undefined {
    const job = this.#jobs[this.#head];
    if (job === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#jobs.length) {
      this.#jobs.length = 0;
      this.#head = 0;
    } else if (this.#head === 1024) {
      this.#jobs.splice(0, this.#head);
      this.#head = 0;
    }
    return job;
  }

  takeAll(): Job[] {
    const jobs = this.#jobs.slice(this.#head);
    this.#jobs = [];
    this.#head = 0;
    return jobs;
  }
}
