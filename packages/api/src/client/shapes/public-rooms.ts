import { Type } from 'typebox';
import { count } from '../../shared.ts';

const optionalText = Type.Optional(Type.String());

const publicRoomMembers = {
  room_id: Type.String(),
  name: optionalText,
  topic: optionalText,
  avatar_url: optionalText,
  canonical_alias: optionalText,
  join_rule: optionalText,
  room_type: optionalText,
  num_joined_members: count,
  world_readable: Type.Boolean(),
  guest_can_join: Type.Boolean(),
};

/** A room of a directory. */
export const publicRoom = Type.Object(publicRoomMembers);

export const publicRoomsPage = Type.Object({
  chunk: Type.Array(publicRoom),
  next_batch: optionalText,
  prev_batch: optionalText,
  total_room_count_estimate: Type.Optional(count),
});

/** What spaces show of their rooms beyond a directory. Client-Server API, Spaces. */
export const roomSummaryMembers = {
  ...publicRoomMembers,
  allowed_room_ids: Type.Optional(Type.Array(Type.String())),
  encryption: optionalText,
  room_version: optionalText,
};
