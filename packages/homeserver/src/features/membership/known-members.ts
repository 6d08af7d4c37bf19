import { MatrixError } from '@myelin/api';
import type { Timers } from '@myelin/runtime';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomStates, Timeline } from '../timeline/index.ts';

export interface KnownMembersParts {
  readonly timeline: Timeline;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly timers: Timers;
}

/** So long a change of another server's user waits for the members of a room to be known, in milliseconds. */
const patienceMs = 60_000;

/**
 * Waits until it is known what a user of another server is in a room that this server entered without its members. Who isn't
 * in the room waits for nothing.
 */
export async function knowMember(
  { partialRooms, timeline, states, members, timers }: KnownMembersParts,
  requester: UserNid,
  room: RoomNid,
  target: string,
): Promise<void> {
  if (!partialRooms.isPartial(room) || !(await members.isJoined(room, requester))) return;
  const { state } = await timeline.head(room);
  if (await states.get(state, 'm.room.member', target)) return;
  if (await partialRooms.completesWithin(room, timers, patienceMs)) return;
  throw new MatrixError('M_UNKNOWN', 'The members of the room are not known here yet', { status: 503 });
}
