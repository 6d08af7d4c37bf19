import type { Timers } from '@myelin/runtime';

/** Tasks at a time; those that take long don't count. */
const mostQuick = 100;
const slowAfterMs = 3_000;
/** Whatever they do. */
const mostAtAll = 3_000;
/** Begun in one turn of the event loop: each signs requests. */
const burst = 8;

/**
 * Lets tasks run side by side, but not all of thousands at once, and not without letting others have the event loop. One
 * that waits for a server that doesn't answer makes room for others.
 */
export class Turns {
  readonly #timers: Timers;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #quick = 0;
  #isPlanned = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** `task` doesn't reject. */
  add(task: () => Promise<void>): void {
    this.#waiting.push(task);
    this.#plan();
  }

  /** Whether any task runs or waits. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  #plan(): void {
    if (this.#isPlanned || this.#waiting.length === 0 || !this.#hasRoom()) return;
    this.#isPlanned = true;
    this.#timers.soon(() => {
      this.#isPlanned = false;
      const tasks = this.#waiting.splice(0, Math.min(burst, mostQuick - this.#quick, mostAtAll - this.#running));
      for (const task of tasks) this.#start(task);
      this.#plan();
    });
  }

  #hasRoom(): boolean {
    return this.#quick < mostQuick && this.#running < mostAtAll;
  }

  #start(task: () => Promise<void>): void {
    this.#running++;
    this.#quick++;
    let isQuick = true;
    const makeRoom = (): void => {
      if (!isQuick) return;
      isQuick = false;
      this.#quick--;
      this.#plan();
    };
    const timer = this.#timers.after(slowAfterMs, makeRoom);
    void task().finally(() => {
      timer.cancel();
      this.#running--;
      makeRoom();
      this.#plan();
    });
  }
}
