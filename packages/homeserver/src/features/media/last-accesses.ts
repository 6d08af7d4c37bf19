import type { Clock } from '@myelin/runtime';

/** Where the times are kept. */
export interface AccessStore {
  noteAccess(ids: readonly string[], now: number): Promise<number>;
}

/** Ids that are remembered between two writes; what is read beyond them counts the next time. */
const mostRemembered = 100_000;
const batchSize = 500;

/** When media was last read: written in batches from time to time, since nothing hangs on the minute. */
export class LastAccesses {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  #read = new Set<string>();

  constructor(store: AccessStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  note(mediaId: string): void {
    if (this.#read.size < mostRemembered) this.#read.add(mediaId);
  }

  async write(): Promise<void> {
    if (this.#read.size === 0) return;
    const mediaIds = [...this.#read];
    this.#read = new Set();
    const now = this.#clock.now();
    for (let i = 0; i < mediaIds.length; i += batchSize)
      await this.#store.noteAccess(mediaIds.slice(i, i + batchSize), now);
  }
}
