import type { Timers } from '@myelin/runtime';

/** Who waits for files holds a request and a timer. */
const mostWaiting = 2_000;

/** Tells those who wait for the file of an announced id that it has come. */
export class Arrivals {
  readonly #timers: Timers;
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Whether nobody else may wait. */
  get isFull(): boolean {
    return this.#count >= mostWaiting;
  }

  announce(mediaId: string): void {
    for (const wake of this.#waiting.get(mediaId) ?? []) wake();
  }

  /**
   * Begins to look out for a file, so that none that comes from now on is missed. `within` resolves when it has come,
   * after `ms` milliseconds, or when the signal is aborted; `end` must be called at last.
   */
  lookOut(mediaId: string): { within(ms: number, signal: AbortSignal): Promise<void>; end(): void } {
    let hasCome = false;
    let wakeUp = (): void => {};
    const wake = (): void => {
      hasCome = true;
      wakeUp();
    };
    const others = this.#waiting.get(mediaId) ?? new Set();
    this.#waiting.set(mediaId, others.add(wake));
    this.#count++;
    return {
      within: (ms, signal) =>
        new Promise((resolve) => {
          if (hasCome || signal.aborted) return resolve();
          const timer = this.#timers.after(ms, () => wakeUp());
          wakeUp = () => {
            timer.cancel();
            signal.removeEventListener('abort', wakeUp);
            resolve();
          };
          signal.addEventListener('abort', wakeUp, { once: true });
        }),
      end: () => {
        this.#count--;
        others.delete(wake);
        if (others.size === 0 && this.#waiting.get(mediaId) === others) this.#waiting.delete(mediaId);
      },
    };
  }
}
