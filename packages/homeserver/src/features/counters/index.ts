export type { Counter } from './counter.ts';
export { Counters } from './counters.ts';
