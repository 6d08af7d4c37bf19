export { RemoteAliases } from './remote-aliases.ts';
export { RoomsOfOthers, type RemoteRoomsParts } from './remote-rooms.ts';
