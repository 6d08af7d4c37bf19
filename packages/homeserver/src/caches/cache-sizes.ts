import type { CachesConfig } from '../config/index.ts';

const megabyte = 1024 * 1024;

/** What the factors of the configuration are by default, as with Synapse. */
const usualFactor = 0.5;

/** Bytes that a cached event takes with its parsed form, about. */
const eventBytes = 2_500;

/** Bytes that the larger caches may take where the configuration says nothing: with 10,000 events 88 MB. */
const usual = {
  client_events: 16 * megabyte,
  countable_events: 12 * megabyte,
  state_maps: 12 * megabyte,
  profiles: 8 * megabyte,
  device_keys: 8 * megabyte,
  push_rules: 8 * megabyte,
};

/** Names for `caches.per_cache_factors`. */
export type CacheName = keyof typeof usual | 'events';

/** How large the larger caches may become, by `caches` and `event_cache_size`. */
export class CacheSizes {
  readonly #config: CachesConfig;

  constructor(config: CachesConfig) {
    this.#config = config;
  }

  bytes(name: CacheName): number {
    const { factors, globalFactor, eventCacheSize } = this.#config;
    const atUsualFactor = name === 'events' ? eventCacheSize * eventBytes : usual[name];
    return Math.max(1, Math.round((atUsualFactor * (factors[name] ?? globalFactor)) / usualFactor));
  }
}
