import { section } from '../option.ts';

export const cachingOptions = section('Caching', '', [
  ['event_cache_size', 'size', '10K', ''],
  ['caches', 'map', undefined, ''],
  ['caches.global_factor', 'number', 0.5, ''],
  ['caches.per_cache_factors', 'map', {}, ''],
  ['caches.expire_caches', 'boolean', true, ''],
  ['caches.cache_entry_ttl', 'duration', '30m', ''],
  ['caches.sync_response_cache_duration', 'duration', '2m', ''],
  ['caches.cache_autotuning', 'map', undefined, ''],
  ['caches.cache_autotuning.max_cache_memory_usage', 'size', undefined, ''],
  ['caches.cache_autotuning.target_cache_memory_usage', 'size', undefined, ''],
  ['caches.cache_autotuning.min_cache_ttl', 'duration', undefined, ''],
  ['event_cache_size (top level)', 'size', '10K', ''],
  ['caches.expiry_time', 'duration', undefined, ''],
]);
