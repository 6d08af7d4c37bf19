import {
  getEventByTimestamp,
  getEventContext,
  getJoinedMembersByRoom,
  getJoinedRooms,
  getMembersByRoom,
  getOneRoomEvent,
  getRoomEvents,
  getRoomState,
  getRoomStateWithKey,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getEventByTimestampHandler } from './handlers/get-event-by-timestamp.ts';
import { getEventContextHandler } from './handlers/get-event-context.ts';
import { getJoinedMembersByRoomHandler } from './handlers/get-joined-members-by-room.ts';
import { getJoinedRoomsHandler } from './handlers/get-joined-rooms.ts';
import { getMembersByRoomHandler } from './handlers/get-members-by-room.ts';
import { getOneRoomEventHandler } from './handlers/get-one-room-event.ts';
import { getRoomEventsHandler } from './handlers/get-room-events.ts';
import { getRoomStateHandler } from './handlers/get-room-state.ts';
import { getRoomStateWithKeyHandler } from './handlers/get-room-state-with-key.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomHistory } from './room-history.ts';

export function roomHistoryRoutes(history: RoomHistory, contents: RoomContents): Route[] {
  return [
    route(getRoomEvents, getRoomEventsHandler(history)),
    route(getEventContext, getEventContextHandler(history)),
    route(getOneRoomEvent, getOneRoomEventHandler(history)),
    route(getRoomState, getRoomStateHandler(contents)),
    route(getRoomStateWithKey, getRoomStateWithKeyHandler(contents)),
    route(getMembersByRoom, getMembersByRoomHandler(contents)),
    route(getJoinedMembersByRoom, getJoinedMembersByRoomHandler(contents)),
    route(getJoinedRooms, getJoinedRoomsHandler(contents)),
    route(getEventByTimestamp, getEventByTimestampHandler(history)),
  ];
}
