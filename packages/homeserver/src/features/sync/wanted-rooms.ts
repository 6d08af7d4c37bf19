import type { Names, RoomNid } from '../names/index.ts';
import type { RoomMember } from '../room-members/index.ts';
import type { SyncRequest } from './sync-request.ts';

/** Rooms that the user isn't in are told when that is news, or if the filter asks for them. */
export function wantsMembership(member: RoomMember, isNews: boolean, { since, filter, ignored }: SyncRequest): boolean {
  switch (member.membership) {
    case 'join':
      return true;
    case 'invite':
      // Client-Server API §"Ignoring Users".
      return (since === 0 || isNews) && !ignored.has(member.sender);
    case 'knock':
      return since === 0 || isNews;
    case 'leave':
    case 'ban':
      return since === 0 ? filter.includeLeave && !member.forgotten : isNews;
  }
}

/** The rooms without those of `exclude_rooms_from_sync` (`excluded`, by id). */
export async function withoutExcluded(
  rooms: ReadonlyMap<RoomNid, RoomMember>,
  excluded: ReadonlySet<string>,
  names: Names,
): Promise<ReadonlyMap<RoomNid, RoomMember>> {
  if (excluded.size === 0) return rooms;
  const kept = new Map<RoomNid, RoomMember>();
  for (const [room, member] of rooms) {
    if (!excluded.has(names.cachedRoomId(room) ?? (await names.roomId(room)))) kept.set(room, member);
  }
  return kept;
}
