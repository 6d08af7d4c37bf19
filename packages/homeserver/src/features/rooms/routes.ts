import { createRoom, upgradeRoom } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { createRoomHandler } from './handlers/create-room.ts';
import { upgradeRoomHandler } from './handlers/upgrade-room.ts';
import type { RoomCreator } from './room-creator.ts';
import type { RoomUpgrader } from './room-upgrader.ts';

export function roomsRoutes(creator: RoomCreator, upgrader: RoomUpgrader): Route[] {
  return [route(createRoom, createRoomHandler(creator)), route(upgradeRoom, upgradeRoomHandler(upgrader))];
}
