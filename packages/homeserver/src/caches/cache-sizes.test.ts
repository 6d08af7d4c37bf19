import { expect, it } from 'vitest';
import { configFromObject, testOptions } from '../config/index.ts';
import { CacheSizes } from './cache-sizes.ts';

const megabyte = 1024 * 1024;
const sizesOf = (options: object): CacheSizes =>
  new CacheSizes(configFromObject({ ...testOptions, ...options }).caches);

it('are the usual ones without a configuration', () => {
  const sizes = sizesOf({});
  expect(sizes.bytes('events')).toBe(25_600_000);
  expect(sizes.bytes('client_events')).toBe(16 * megabyte);
});

it('grow with the factors, that of one cache before that of all', () => {
  const sizes = sizesOf({ caches: { global_factor: 2, per_cache_factors: { client_events: 1 } } });
  expect(sizes.bytes('client_events')).toBe(32 * megabyte);
  expect(sizes.bytes('profiles')).toBe(32 * megabyte);
});

it('hold as many events as the configuration says', () => {
  expect(sizesOf({ event_cache_size: '20K' }).bytes('events')).toBe(2 * sizesOf({}).bytes('events'));
});

it('are never nothing, which would mean without a bound', () => {
  const sizes = sizesOf({ event_cache_size: 0, caches: { global_factor: 0 } });
  expect([sizes.bytes('events'), sizes.bytes('push_rules')]).toEqual([1, 1]);
});
