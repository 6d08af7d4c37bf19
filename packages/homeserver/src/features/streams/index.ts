export type { Change, ChangeKind, PositionedChange } from './change.ts';
export type { Counter } from './counter.ts';
export { Counters } from './counters.ts';
export { Streams, type ChangeListener } from './streams.ts';
