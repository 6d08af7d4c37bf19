import { section } from '../option.ts';

export const cachingOptions = section('Caches', '', [
  ['event_cache_size', 'size', '10K', 'About how many events are kept in memory, at a global_factor of 0.5.'],
  ['caches', 'map', undefined, 'Caches in memory.'],
  [
    'caches.global_factor',
    'number',
    0.5,
    'How large the larger caches may become: 88 MB together at 0.5, twice that at 1.',
  ],
  [
    'caches.per_cache_factors',
    'map',
    {},
    'The same for single caches: events, client_events, countable_events, state_maps, profiles, device_keys, push_rules.',
  ],
  ['caches.expire_caches', 'boolean', true, 'Drop entries that nobody asks for.'],
  ['caches.cache_entry_ttl', 'duration', '30m', 'After this time.'],
  [
    'caches.sync_response_cache_duration',
    'duration',
    '2m',
    'For this long an answer to /sync is kept for a client that asks again.',
  ],
  ['caches.cache_autotuning', 'map', undefined, 'Drop entries when memory is short.'],
  [
    'caches.cache_autotuning.max_cache_memory_usage',
    'size',
    undefined,
    'Above this use of memory entries are dropped …',
  ],
  ['caches.cache_autotuning.target_cache_memory_usage', 'size', undefined, '… until it is this.'],
  ['caches.cache_autotuning.min_cache_ttl', 'duration', undefined, 'Entries younger than this stay.'],
  ['caches.track_memory_usage', 'boolean', false, 'Measure the memory of each cache.'],
]);
