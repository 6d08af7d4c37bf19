import { sql, type Database, type Writer } from '@myelin/database';
import { othersTurn, type Cancellable, type Timers } from '@myelin/runtime';
import type { UserNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';

export interface UserJobsParts {
  readonly database: Database;
  readonly counters: Counters;
  readonly timers: Timers;
  /** Is told of work that failed and will be tried again. */
  readonly onFailure: (kind: string, error: unknown) => void;
}

/** Does one kind of work for a user; ends early, without harm, when `signal` is aborted. Must bear to be done again. */
export type UserWork = (user: UserNid, signal: AbortSignal) => Promise<void>;

const atOnce = 4;
const retryDelay = 30_000;
const page = 200;

/**
 * Work that follows from a change of a user and takes longer than they should wait for (telling each of their rooms).
 * The wish for it is stored with the change, so that a crash repeats the work and never forgets it.
 */
export class UserJobs {
  readonly #parts: UserJobsParts;
  readonly #counter: Counter;
  readonly #kinds = new Map<string, UserWork>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  /** Failed since the last retry: left alone until the next. */
  readonly #resting = new Set<string>();
  /** Done since the rows were read: they are still among them. */
  readonly #doneMeanwhile = new Set<number>();
  #retry: Cancellable | undefined;
  readonly #waiting = new Map<string, (() => void)[]>();
  /** There may be rows that nobody works on. */
  #more = true;
  #started = false;
  #looking = false;

  private constructor(parts: UserJobsParts, counter: Counter) {
    this.#parts = parts;
    this.#counter = counter;
  }

  static async open(parts: UserJobsParts): Promise<UserJobs> {
    return new UserJobs(parts, await parts.counters.open('user_jobs'));
  }

  define(kind: string, work: UserWork): void {
    this.#kinds.set(kind, work);
  }

  /** Wishes for work, in the transaction of the change that it follows from. */
  async add(writer: Writer, kind: string, user: UserNid): Promise<void> {
    await writer.run(sql`INSERT INTO user_jobs (kind, user_nid, revision) VALUES (${kind}, ${user}, ${this.#counter.take()})
      ON CONFLICT (kind, user_nid) DO UPDATE SET revision = excluded.revision`);
    writer.onDurable(() => {
      this.#more = true;
      this.#look();
    });
  }

  /** Goes on with what an earlier run left. Call it when all kinds are defined. */
  start(): void {
    this.#started = true;
    this.#look();
  }

  /** Resolves when the work for the user has been tried once more, whatever came of it. */
  whenTried(kind: string, user: UserNid): Promise<void> {
    const key = `${kind} ${user}`;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key);
      if (waiting) waiting.push(resolve);
      else this.#waiting.set(key, [resolve]);
    });
  }

  /** Resolves when nothing is left to do or nothing can be done now: for tests and for stopping. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#looking)
      await (this.#running.values().next().value ?? othersTurn(this.#parts.timers));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#retry?.cancel();
    await this.idle();
    for (const key of this.#waiting.keys()) this.#tried(key);
  }

  #tried(key: string): void {
    for (const resolve of this.#waiting.get(key) ?? []) resolve();
    this.#waiting.delete(key);
  }

  #look(): void {
    if (!this.#started || this.#looking || !this.#more || this.#stopping.signal.aborted) return;
    this.#looking = true;
    void this.#fill()
      .catch((error: unknown) => this.#failed('user jobs', error))
      .finally(() => {
        this.#looking = false;
        if (this.#running.size < atOnce) this.#look();
      });
  }

  async #fill(): Promise<void> {
    this.#more = false;
    this.#doneMeanwhile.clear();
    const rows = await this.#parts.database.reader.all<{ kind: string; user_nid: number; revision: number }>(
      sql`SELECT kind, user_nid, revision FROM user_jobs ORDER BY revision LIMIT ${page}`,
    );
    for (const { kind, user_nid: user, revision } of rows) {
      if (this.#stopping.signal.aborted) return;
      const work = this.#kinds.get(kind);
      const key = `${kind} ${user}`;
      if (!work || this.#running.has(key) || this.#resting.has(key) || this.#doneMeanwhile.has(revision)) continue;
      if (this.#running.size >= atOnce) {
        this.#more = true;
        return;
      }
      const run = this.#run(kind, work, user as UserNid, revision).finally(() => {
        this.#running.delete(key);
        this.#tried(key);
        this.#look();
      });
      this.#running.set(key, run);
    }
  }

  async #run(kind: string, work: UserWork, user: UserNid, revision: number): Promise<void> {
    try {
      await work(user, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      const removed = await this.#parts.database.transact((writer) =>
        writer.run(sql`DELETE FROM user_jobs WHERE kind = ${kind} AND user_nid = ${user} AND revision = ${revision}`),
      );
      // Wished for again meanwhile.
      if (removed === 0) this.#more = true;
      else if (this.#looking) this.#doneMeanwhile.add(revision);
    } catch (error) {
      this.#resting.add(`${kind} ${user}`);
      this.#failed(kind, error);
    }
  }

  #failed(kind: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#parts.onFailure(kind, error);
    this.#retry ??= this.#parts.timers.after(retryDelay, () => {
      this.#retry = undefined;
      this.#resting.clear();
      this.#more = true;
      this.#look();
    });
  }
}
