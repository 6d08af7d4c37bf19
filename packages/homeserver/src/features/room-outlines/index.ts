export { RoomOutlines, type OutlineOptions, type OutlineType, type OutOfBandOutlines } from './room-outlines.ts';
