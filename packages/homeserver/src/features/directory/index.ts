export { Aliases, type RemoteAliasSource, type RoomIdResolver } from './aliases.ts';
export { namesOnly, withoutAliases } from './canonical-alias.ts';
export { DirectoryRules } from './directory-rules.ts';
export { DirectoryService } from './directory-service.ts';
export { directoryMigrations } from './migrations.ts';
export {
  matchesQuery,
  PublicRooms,
  type PublicRoomsPage,
  type PublicRoomsQuery,
  type RemoteDirectories,
} from './public-rooms.ts';
export { PublishedRooms } from './published-rooms.ts';
export { RoomCards, type RoomCard } from './room-cards.ts';
export { directoryRoutes } from './routes.ts';
export { shownText } from './shown-text.ts';
