import { LRUCache } from 'lru-cache';

/**
 * A cache of at most `entries` entries; the one not used for longest goes first. Counting entries as sizes keeps the
 * library from reserving room for all of them at once: an empty cache costs nothing, at start and in memory.
 */
export function boundedCache<Key extends NonNullable<unknown>, Value extends NonNullable<unknown>>(
  entries: number,
): LRUCache<Key, Value> {
  return new LRUCache<Key, Value>({ maxSize: entries, sizeCalculation: one });
}

function one(): number {
  return 1;
}
