export { backfillTimes } from './backfill-times.ts';
export { HistoryServers } from './history-servers.ts';
export { RemoteAliases } from './remote-aliases.ts';
export { RemoteHistory, type HistoryGaps } from './remote-history.ts';
export { RoomsOfOthers } from './remote-rooms.ts';
