/** Calls with the same key share one run while it lasts. */
export class Shared<T> {
  readonly #running = new Map<string, Promise<T>>();

  run(key: string, job: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running) return running;
    const run = job().finally(() => this.#running.delete(key));
    this.#running.set(key, run);
    return run;
  }
}
