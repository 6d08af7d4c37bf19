export type { Change, ChangeKind, PositionedChange } from './change.ts';
export { Counter } from './counter.ts';
export { streamsMigrations } from './migrations.ts';
export { Streams, type ChangeListener } from './streams.ts';
