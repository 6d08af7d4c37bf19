import type { Cancellable, Timers } from '@myelin/runtime';

/** Tasks by name, each planned once at a time: a wish for one that is planned already changes nothing. */
export class PlannedTasks<Name extends string> {
  readonly #timers: Timers;
  readonly #planned = new Map<Name, Cancellable>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  plan(name: Name, ms: number, task: () => void): void {
    if (this.#planned.has(name)) return;
    const timer = this.#timers.after(ms, () => {
      this.#planned.delete(name);
      task();
    });
    this.#planned.set(name, timer);
  }

  cancel(): void {
    for (const timer of this.#planned.values()) timer.cancel();
    this.#planned.clear();
  }
}
