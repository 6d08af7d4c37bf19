import { Type } from 'typebox';
import { count } from '../../shared.ts';

/** A page of a directory; its rooms are looked at one by one. */
export const remotePublicRooms = Type.Object({
  chunk: Type.Array(Type.Unknown()),
  next_batch: Type.Optional(Type.String()),
  prev_batch: Type.Optional(Type.String()),
  total_room_count_estimate: Type.Optional(count),
});
