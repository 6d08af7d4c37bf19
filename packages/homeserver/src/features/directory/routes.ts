import {
  deleteRoomAlias,
  getLocalAliases,
  getPublicRooms,
  getRoomIdByAlias,
  getRoomVisibilityOnDirectory,
  queryPublicRooms,
  setRoomAlias,
  setRoomVisibilityOnDirectory,
} from '@myelin/api';
import type { DirectoryConfig } from '../../config/index.ts';
import { route, type Route } from '../../http/index.ts';
import type { DirectoryService } from './directory-service.ts';
import { deleteRoomAliasHandler } from './handlers/delete-room-alias.ts';
import { getLocalAliasesHandler } from './handlers/get-local-aliases.ts';
import { getPublicRoomsHandler } from './handlers/get-public-rooms.ts';
import { getRoomIdByAliasHandler } from './handlers/get-room-id-by-alias.ts';
import { getRoomVisibilityOnDirectoryHandler } from './handlers/get-room-visibility-on-directory.ts';
import { queryPublicRoomsHandler } from './handlers/query-public-rooms.ts';
import { setRoomAliasHandler } from './handlers/set-room-alias.ts';
import { setRoomVisibilityOnDirectoryHandler } from './handlers/set-room-visibility-on-directory.ts';
import type { PublicRooms } from './public-rooms.ts';

export function directoryRoutes(
  directory: DirectoryService,
  rooms: PublicRooms,
  config: DirectoryConfig,
  serverName: string,
): Route[] {
  return [
    route(getRoomIdByAlias, getRoomIdByAliasHandler(directory)),
    route(setRoomAlias, setRoomAliasHandler(directory)),
    route(deleteRoomAlias, deleteRoomAliasHandler(directory)),
    route(getLocalAliases, getLocalAliasesHandler(directory)),
    route(getRoomVisibilityOnDirectory, getRoomVisibilityOnDirectoryHandler(directory)),
    route(setRoomVisibilityOnDirectory, setRoomVisibilityOnDirectoryHandler(directory)),
    route(getPublicRooms, getPublicRoomsHandler(rooms, serverName, config.publicRoomsWithoutAuth)),
    route(queryPublicRooms, queryPublicRoomsHandler(rooms, serverName)),
  ];
}
