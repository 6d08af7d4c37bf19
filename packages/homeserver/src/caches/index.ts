export { boundedCache } from './bounded-cache.ts';
export { CacheSizes } from './cache-sizes.ts';
