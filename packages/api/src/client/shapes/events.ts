import { Type } from 'typebox';
import { integer, jsonObject } from '../../shared.ts';

/** An event as clients see it. In `/sync` the room is known, so that `room_id` is left out. Client-Server API, Room event format. */
export const clientEvent = Type.Object({
  type: Type.String(),
  content: jsonObject,
  sender: Type.String(),
  event_id: Type.String(),
  origin_server_ts: integer,
  room_id: Type.Optional(Type.String()),
  state_key: Type.Optional(Type.String()),
  unsigned: Type.Optional(jsonObject),
});

/** What people outside a room see of its state. Client-Server API, Stripped state. */
export const strippedStateEvent = Type.Object({
  type: Type.String(),
  content: jsonObject,
  sender: Type.String(),
  state_key: Type.String(),
});

/** Something that happened but isn't part of a room's history: typing, receipts, account data, presence. */
export const ephemeralEvent = Type.Object({ type: Type.String(), content: jsonObject });
