import type { Database } from '@myelin/database';
import { randomFraction, type Clock, type Random } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { failingIn, forgetFailing, putFailing, type Failing } from './store.ts';

export interface BackoffTimes {
  readonly minimumMs: number;
  readonly multiplier: number;
  readonly maximumMs: number;
}

export interface DestinationsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly times: BackoffTimes;
  /** A write that came to nothing: backoff is a courtesy, no call fails for it. */
  readonly onProblem: (error: unknown) => void;
}

/** Servers of which it is remembered in memory how they are. */
const mostKnown = 20_000;

/**
 * Which servers fail, and when they may be tried again: shared by all who call, and kept over restarts. The first failure
 * costs `destination_min_retry_interval`, each next one after that time the interval times the multiplier, up to
 * `destination_max_retry_interval`, all with some chance in it so that not all are tried at once.
 */
export class Destinations {
  readonly #parts: DestinationsParts;
  /** `null`: isn't failing. */
  readonly #known = boundedCache<string, { failing: Failing | null }>(mostKnown);
  readonly #listeners: ((destination: string) => void)[] = [];
  #isStopping = false;

  constructor(parts: DestinationsParts) {
    this.#parts = parts;
  }

  /** When it may be tried (ms); undefined: now. */
  async retryAt(destination: string): Promise<number | undefined> {
    const failing = await this.failing(destination);
    if (!failing) return undefined;
    const at = failing.lastTry + failing.retryInterval;
    return at > this.#parts.clock.now() ? at : undefined;
  }

  /** Since when it fails, and how long it is left alone. */
  async failing(destination: string): Promise<Failing | undefined> {
    const known = this.#known.get(destination);
    if (known) return known.failing ?? undefined;
    const stored = await failingIn(this.#parts.database.reader, destination);
    // What was noted while we read is newer.
    const noted = this.#known.get(destination);
    if (noted) return noted.failing ?? undefined;
    this.#known.set(destination, { failing: stored ?? null });
    return stored;
  }

  /** It answered, or spoke to us: the next call goes out at once. */
  async reachable(destination: string): Promise<void> {
    const before = await this.failing(destination);
    if (!before) return;
    this.#known.set(destination, { failing: null });
    await this.#write(async (database) => database.transact((writer) => forgetFailing(writer, destination)));
    for (const listener of this.#listeners) listener(destination);
  }

  /** It didn't answer. Failures within the interval (of calls that ignore it) don't make it longer. */
  async failed(destination: string): Promise<void> {
    if (this.#isStopping) return;
    const { clock, random, times } = this.#parts;
    const before = await this.failing(destination);
    const now = clock.now();
    if (before && now < before.lastTry + before.retryInterval && now >= before.lastTry) return;
    const next = before
      ? before.retryInterval * times.multiplier * (0.8 + 0.6 * randomFraction(random))
      : times.minimumMs;
    const retryInterval = Math.round(Math.min(Math.max(next, times.minimumMs), times.maximumMs));
    const failing = { failingSince: before?.failingSince ?? now, lastTry: now, retryInterval };
    this.#known.set(destination, { failing });
    await this.#write((database) => database.transact((writer) => putFailing(writer, destination, failing)));
  }

  /**
   * This server is about to listen no more. Who can't ask it for its keys then refuses what it sends: that is no failure
   * of theirs, and none is noted any more.
   */
  stopNoting(): void {
    this.#isStopping = true;
  }

  /** Tells who has something to send that a server is there again. */
  onReachable(listener: (destination: string) => void): void {
    this.#listeners.push(listener);
  }

  async #write(write: (database: Database) => Promise<void>): Promise<void> {
    try {
      await write(this.#parts.database);
    } catch (error) {
      this.#parts.onProblem(error);
    }
  }
}
