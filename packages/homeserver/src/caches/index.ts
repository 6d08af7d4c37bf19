export { boundedCache } from './bounded-cache.ts';
