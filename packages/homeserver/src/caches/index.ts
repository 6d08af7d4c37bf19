export { boundedCache } from './bounded-cache.ts';
export { CacheSizes, type CacheName } from './cache-sizes.ts';
