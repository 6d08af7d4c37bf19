import type { RoomNid, UserNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomStates, Timeline } from '../timeline/index.ts';

export interface KnownMembersParts {
  readonly timeline: Timeline;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
}

/**
 * Waits until it is known what a user of another server is in a room that this server entered without its members. Who isn't
 * in the room waits for nothing. Throws M_UNKNOWN (503) if it doesn't become known.
 */
export async function knowMember(
  { partialRooms, timeline, states, members }: KnownMembersParts,
  requester: UserNid,
  room: RoomNid,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!partialRooms.isPartial(room) || !(await members.isJoined(room, requester))) return;
  const { state } = await timeline.head(room);
  if (await states.get(state, 'm.room.member', target)) return;
  await partialRooms.requireComplete(room, signal);
}
