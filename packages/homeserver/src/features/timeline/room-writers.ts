import type { Database, Writer } from '@myelin/database';
import type { RoomNid } from '../names/index.ts';

/** Largest number of jobs of one room that share a transaction. */
const largestBatch = 64;

interface Job {
  run(writer: Writer): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * One writer a room at a time. SQLite has one writer anyway, so jobs go straight into its queue and share its commits
 * without waiting for each other's flush. On PostgreSQL the jobs of a room wait for each other in a queue of their own,
 * and those that wait together share a transaction.
 */
export class RoomWriters {
  readonly #database: Database;
  readonly #queues = new Map<RoomNid, Job[]>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs `job` in a transaction in which no one else writes to the room. Jobs must bear to be run again. */
  run<T>(room: RoomNid, job: (writer: Writer) => Promise<T>): Promise<T> {
    if (this.#database.dialect === 'sqlite') return this.#database.transact(job);
    return new Promise<T>((resolve, reject) => {
      const entry: Job = { run: job, resolve: resolve as (value: unknown) => void, reject };
      const queue = this.#queues.get(room);
      if (queue) queue.push(entry);
      else {
        this.#queues.set(room, [entry]);
        void this.#drain(room);
      }
    });
  }

  async #drain(room: RoomNid): Promise<void> {
    for (;;) {
      const queue = this.#queues.get(room) as Job[];
      if (queue.length === 0) {
        this.#queues.delete(room);
        return;
      }
      await this.#runBatch(room, queue.splice(0, largestBatch));
    }
  }

  async #runBatch(room: RoomNid, jobs: Job[]): Promise<void> {
    let culprit: Job | undefined;
    try {
      const values = await this.#database.transact(async (writer) => {
        const out: unknown[] = [];
        await writer.lock(`room:${room}`);
        for (const job of jobs) {
          culprit = job;
          out.push(await job.run(writer));
        }
        culprit = undefined;
        return out;
      });
      jobs.forEach((job, i) => job.resolve(values[i]));
    } catch (error) {
      // One job's failure takes the transaction with it: the others are run again without it.
      if (!culprit || jobs.length === 1) {
        for (const job of jobs) job.reject(error);
        return;
      }
      culprit.reject(error);
      await this.#runBatch(
        room,
        jobs.filter((job) => job !== culprit),
      );
    }
  }
}
