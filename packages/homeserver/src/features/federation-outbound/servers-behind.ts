import type { Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';

/** Which servers fail. Implemented by `features/destinations`. */
export interface Backoff {
  /** When it may be tried (ms); undefined: now. */
  retryAt(destination: string): Promise<number | undefined>;
  /** Tells that a server that failed is there again. */
  onReachable(listener: (destination: string) => void): void;
}

/** A server that is behind and left alone for now. */
interface Resting {
  readonly cursor: number;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** How often in a row it answered with an internal error. */
  readonly strikes: number;
}

/** How often it is looked which servers may be tried again, in milliseconds. */
export const wakeMs = 30_000;
/** A server that has just failed is tried again after so long at the earliest, in milliseconds. */
const shortestWakeMs = 100;
/** Servers that are looked at then. */
const mostLooked = 2_000;

interface ServersBehindParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly backoff: Backoff;
}

/** The servers that have not been sent everything, and when each may be tried again. */
export class ServersBehind {
  readonly #parts: ServersBehindParts;
  readonly #wake: (name: string) => void;
  readonly #behind = new Map<string, Resting>();

  /** `wake` is called with each server that may be tried again. */
  constructor(parts: ServersBehindParts, wake: (name: string) => void) {
    this.#parts = parts;
    this.#wake = wake;
  }

  get(name: string): Resting | undefined {
    return this.#behind.get(name);
  }

  has(name: string): boolean {
    return this.#behind.has(name);
  }

  all(): Iterable<[string, Resting]> {
    return this.#behind;
  }

  note(name: string, resting: Resting): void {
    this.#behind.set(name, resting);
  }

  /** False if it wasn't behind. */
  delete(name: string): boolean {
    return this.#behind.delete(name);
  }

  /** Wakes a server when it may be tried, if that is before it is looked at next; `now`: it may be now already. */
  async wakeWhenDue(name: string, notBefore: number, now: boolean): Promise<void> {
    const { backoff, clock, timers, log } = this.#parts;
    try {
      const at = Math.max(notBefore, (await backoff.retryAt(name)) ?? 0);
      const wait = at - clock.now();
      if (wait <= 0 && now) this.#wake(name);
      // By the time that this is asked a short wait may be over already.
      else if (wait < wakeMs) timers.after(Math.max(wait + 1, shortestWakeMs), () => this.#wake(name));
    } catch (err) {
      log.warn({ err, destination: name }, 'it could not be found out when a server may be tried again');
    }
  }

  /** Looks which of them may be tried now, but for those that are being sent something. */
  async wakeDue(isActive: (name: string) => boolean, signal: AbortSignal): Promise<void> {
    // Those that are looked at go to the end of the line meanwhile.
    const line = [...this.#behind];
    let looked = 0;
    for (const [name, resting] of line) {
      if (signal.aborted || looked === mostLooked) return;
      if (isActive(name) || this.#behind.get(name) !== resting) continue;
      looked++;
      this.#behind.delete(name);
      this.#behind.set(name, resting);
      await this.wakeWhenDue(name, resting.notBefore, true);
    }
  }
}
