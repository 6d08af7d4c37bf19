export { movedUsers, type Change } from './change.ts';
export { Streams } from './streams.ts';
