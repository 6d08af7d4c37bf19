export type { HistoryOfOthers } from './history-of-others.ts';
export { Pages } from './pages.ts';
export { RoomHistory } from './room-history.ts';
export { RoomContents } from './room-contents.ts';
export { RoomEventSieve, type RelationLookup } from './room-event-sieve.ts';
export { roomHistoryRoutes } from './routes.ts';
