import { createHash } from 'node:crypto';

/**
 * Locks by key within this process. They stand before the advisory locks, so that of all who wait for one key only
 * one keeps a connection.
 */
export class KeyedLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves, once nobody before holds any of the keys, to the function that frees them. */
  async acquire(keys: readonly string[]): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = keys.map((key) => this.#last.get(key));
    for (const key of keys) this.#last.set(key, promise);
    // Each waits for all that came before it, so nobody waits in a circle.
    await Promise.all(before);
    return () => {
      for (const key of keys) if (this.#last.get(key) === promise) this.#last.delete(key);
      resolve();
    };
  }
}

/** The number of an advisory lock, by the name of the key: 64 bits of its hash, as text. */
export function advisoryKey(key: string): string {
  return createHash('sha256').update(key).digest().readBigInt64BE().toString();
}
