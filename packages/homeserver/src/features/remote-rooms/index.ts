export { HistoryServers } from './history-servers.ts';
export { RemoteAliases } from './remote-aliases.ts';
export { RemoteHistory, type HistoryGap, type HistoryGaps } from './remote-history.ts';
export { RoomsOfOthers, type RemoteRoomsParts } from './remote-rooms.ts';
