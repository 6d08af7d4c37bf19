import { Type } from 'typebox';
import { integer, jsonObject } from '../../shared.ts';

const members = {
  type: Type.String(),
  content: jsonObject,
  sender: Type.String(),
  event_id: Type.String(),
  origin_server_ts: integer,
  state_key: Type.Optional(Type.String()),
  unsigned: Type.Optional(jsonObject),
};

/** An event as clients see it. Client-Server API, Room event format. */
export const clientEvent = Type.Object({ ...members, room_id: Type.String() });

/** An event of `/sync`, whose room is known. */
export const syncEvent = Type.Object(members);

/** What people outside a room see of its state. Client-Server API, Stripped state. */
export const strippedStateEvent = Type.Object({
  type: Type.String(),
  content: jsonObject,
  sender: Type.String(),
  state_key: Type.String(),
});

/** A room of a space, as its `m.space.child` event says. Client-Server API, Spaces. */
export const spaceChildEvent = Type.Object({ ...strippedStateEvent.properties, origin_server_ts: integer });

/** Something that happened but isn't part of a room's history: typing, receipts, account data, presence. */
export const ephemeralEvent = Type.Object({ type: Type.String(), content: jsonObject });
