import type { Clock } from './clock.ts';
import { systemTimers, type Cancellable, type Timers } from './timers.ts';

export { NameServer, type NameAnswer } from './outbound/testing/name-server.ts';
export { SeededDice } from './testing/seeded-dice.ts';

/** Time that goes on when a test says so. */
export class ManualTime implements Clock, Timers {
  #now = 1_700_000_000_000;
  readonly #tasks = new Map<object, { at: number; every: number | undefined; run: () => void }>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Cancellable {
    return this.#add(ms, undefined, task);
  }

  every(ms: number, task: () => void): Cancellable {
    return this.#add(ms, ms, task);
  }

  soon(task: () => void): void {
    systemTimers.soon(task);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.after(ms, resolve);
      const onAbort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Tasks that wait for their time. */
  get waiting(): number {
    return this.#tasks.size;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [key, next] = [...this.#tasks].toSorted(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!key || !next || next.at > end) break;
      this.#now = next.at;
      if (next.every === undefined) this.#tasks.delete(key);
      else next.at += next.every;
      next.run();
    }
    this.#now = end;
  }

  #add(ms: number, every: number | undefined, run: () => void): Cancellable {
    const key = {};
    this.#tasks.set(key, { at: this.#now + ms, every, run });
    return { cancel: () => void this.#tasks.delete(key) };
  }
}
