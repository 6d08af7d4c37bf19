export { RoomOutlines, type OutlineOptions, type OutlineType } from './room-outlines.ts';
