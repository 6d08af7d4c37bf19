export type { Change, ChangeKind, PositionedChange } from './change.ts';
export { Streams, type ChangeListener } from './streams.ts';
