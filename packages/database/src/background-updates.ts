import type { Runtime } from '@myelin/runtime';
import type { Database, Writer } from './database.ts';
import { sql } from './sql.ts';
import type { Sql } from './statement.ts';

/** How far an update has come: anything that JSON holds. */
export type Progress = Readonly<Record<string, unknown>>;

export interface BatchOutcome {
  /** Items done in this batch: rows, mostly. Tells how large the next batch may be. */
  items: number;
  /** What the next batch is given. */
  progress: Progress;
  finished: boolean;
}

/** Work on the database that goes on while the server serves. */
export interface BackgroundUpdate {
  name: string;
  /** Does about `size` items. Everything happens in one transaction with the progress that is kept. */
  run(writer: Writer, progress: Progress, size: number): Promise<BatchOutcome>;
}

export interface BackgroundUpdateOptions {
  /** Milliseconds that a batch should take. Default 100; 20 on SQLite, where a batch holds up other writers. */
  durationMs?: number;
  /** Milliseconds between batches (default 1000). */
  pauseMs?: number;
  minBatch?: number;
  /** Items of the first batch (default 100). */
  defaultBatch?: number;
  maxBatch?: number;
  onWarning?: (message: string) => void;
}

export interface BackgroundUpdateStatus {
  state: 'idle' | 'running' | 'paused';
  /** What is still to be done, in order. */
  pending: { name: string; items: number; durationMs: number; itemsPerMs: number; problem?: string }[];
}

interface PendingRow {
  name: string;
  after: string | null;
  progress: string;
  items: number;
  duration_ms: number;
}

/** Milliseconds to wait after a batch that failed: doubled each time, up to the second. */
const firstRetryMs = 1000;
const lastRetryMs = 300_000;

/**
 * A statement for a migration's `up` that asks for an update to be run. It is begun once the one called `after` is
 * finished.
 */
export function scheduleBackgroundUpdate(name: string, after: string | null = null, progress: Progress = {}): Sql {
  return sql`INSERT INTO background_updates (name, after, progress, items, duration_ms)
    VALUES (${name}, ${after}, ${JSON.stringify(progress)}, 0, 0) ON CONFLICT (name) DO NOTHING`;
}

/** Runs the updates that the database says are still to be done, in small batches, from where they were left. */
export class BackgroundUpdates {
  readonly #database: Database;
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly #updates: ReadonlyMap<string, BackgroundUpdate>;
  readonly #options: Required<BackgroundUpdateOptions>;
  readonly #problems = new Map<string, string>();
  #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #paused = false;
  #size: number;

  constructor(
    database: Database,
    runtime: Pick<Runtime, 'clock' | 'timers'>,
    updates: readonly BackgroundUpdate[],
    options: BackgroundUpdateOptions = {},
  ) {
    this.#database = database;
    this.#runtime = runtime;
    this.#updates = new Map(updates.map((update) => [update.name, update]));
    this.#options = {
      durationMs: database.dialect === 'sqlite' ? 20 : 100,
      pauseMs: 1000,
      minBatch: 1,
      defaultBatch: 100,
      maxBatch: 100_000,
      onWarning: () => {},
      ...options,
    };
    this.#size = this.#options.defaultBatch;
  }

  /** Begins, if it hasn't yet. */
  start(): void {
    this.#loop ??= this.#run(this.#stopping.signal).finally(() => (this.#loop = undefined));
  }

  /** Resolves when the batch under way is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#resume?.();
    await this.#loop;
    this.#stopping = new AbortController();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#resume?.();
  }

  async status(): Promise<BackgroundUpdateStatus> {
    const rows = await this.#pending();
    const running = this.#loop === undefined ? 'idle' : 'running';
    return {
      state: this.#paused ? 'paused' : running,
      pending: rows.map((row) => {
        const problem = this.#problems.get(row.name);
        const itemsPerMs = row.duration_ms === 0 ? 0 : row.items / row.duration_ms;
        return {
          name: row.name,
          items: row.items,
          durationMs: row.duration_ms,
          itemsPerMs,
          ...(problem !== undefined && { problem }),
        };
      }),
    };
  }

  /** Resolves once nothing is left that could be run. */
  async whenDone(): Promise<void> {
    await this.#loop;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      if (this.#paused) await new Promise<void>((resolve) => (this.#resume = resolve));
      const update = signal.aborted ? undefined : await this.#next();
      if (update === undefined) return;
      let waitMs = this.#options.pauseMs;
      try {
        await this.#batch(update);
        this.#problems.delete(update.name);
        retryMs = firstRetryMs;
      } catch (error) {
        const problem = error instanceof Error ? error.message : 'unknown error';
        this.#problems.set(update.name, problem);
        this.#options.onWarning(
          `The background update ${update.name} failed and is tried again in ${retryMs / 1000} s: ${problem}`,
        );
        this.#size = this.#options.minBatch;
        waitMs = retryMs;
        retryMs = Math.min(retryMs * 2, lastRetryMs);
      }
      await this.#runtime.timers.sleep(waitMs, signal).catch(() => {});
    }
  }

  /** The first that is to be done, known, and not waiting for another. */
  async #next(): Promise<BackgroundUpdate | undefined> {
    const rows = await this.#pending();
    const names = new Set(rows.map((row) => row.name));
    for (const row of rows) {
      if (row.after !== null && names.has(row.after)) continue;
      const update = this.#updates.get(row.name);
      if (update !== undefined) return update;
      if (!this.#problems.has(row.name))
        this.#options.onWarning(`There is no code for the background update ${row.name}; it waits`);
      this.#problems.set(row.name, 'there is no code for it');
    }
    return undefined;
  }

  #pending(): Promise<PendingRow[]> {
    return this.#database.reader.all<PendingRow>(
      sql`SELECT name, after, progress, items, duration_ms FROM background_updates ORDER BY name`,
    );
  }

  async #batch(update: BackgroundUpdate): Promise<void> {
    const { clock } = this.#runtime;
    const size = this.#size;
    const outcome = await this.#database.transact(async (writer) => {
      const started = clock.monotonic();
      const row = await writer.get<{ progress: string }>(
        sql`SELECT progress FROM background_updates WHERE name = ${update.name}`,
      );
      if (row === undefined) return { items: 0, elapsed: 0 };
      const { items, progress, finished } = await update.run(writer, JSON.parse(row.progress) as Progress, size);
      const elapsed = clock.monotonic() - started;
      if (finished) await writer.run(sql`DELETE FROM background_updates WHERE name = ${update.name}`);
      else {
        await writer.run(sql`UPDATE background_updates SET progress = ${JSON.stringify(progress)}, items = items + ${items},
          duration_ms = duration_ms + ${Math.ceil(elapsed)} WHERE name = ${update.name}`);
      }
      return { items, elapsed, finished };
    });
    this.#size =
      outcome.finished === true ? this.#options.defaultBatch : this.#nextSize(size, outcome.items, outcome.elapsed);
  }

  /** As many items as fit the time by the last batch's pace; never more than twice as many as before. */
  #nextSize(size: number, items: number, elapsed: number): number {
    const { durationMs, minBatch, maxBatch } = this.#options;
    const fitting = elapsed > 0 ? Math.floor((Math.max(items, 1) / elapsed) * durationMs) : size * 2;
    return Math.max(minBatch, Math.min(maxBatch, size * 2, fitting));
  }
}
