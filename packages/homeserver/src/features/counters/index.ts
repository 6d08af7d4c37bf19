export type { Counter } from './counter.ts';
export { counterNames } from './counter-names.ts';
export { Counters } from './counters.ts';
