export { RoomOutlines } from './room-outlines.ts';
