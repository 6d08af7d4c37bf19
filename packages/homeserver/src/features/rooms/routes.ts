import { createRoom } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { createRoomHandler } from './handlers/create-room.ts';
import type { RoomCreator } from './room-creator.ts';

export function roomsRoutes(rooms: RoomCreator): Route[] {
  return [route(createRoom, createRoomHandler(rooms))];
}
