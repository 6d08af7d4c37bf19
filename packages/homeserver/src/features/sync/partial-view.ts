import type { RoomNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { StateRoot } from '../state-map/index.ts';

/**
 * How a sync shows rooms whose members aren't known yet, or have become known since the last one. A client that wants all
 * members isn't shown such a room before it is whole.
 */
export interface PartialView {
  /** Whether the client isn't shown the room yet. */
  isHidden(room: RoomNid): boolean;
  /** Whether the room is shown for the first time, though the user has been in it before. */
  isFirstShown(room: RoomNid): boolean;
  /** Whether the room's members have become known since the last sync. */
  isCompleted(room: RoomNid): boolean;
  /** What the client was shown as the room's state, if the room was partial then. */
  shownBefore(room: RoomNid): Promise<StateRoot | undefined>;
}

export async function partialViewOf(
  rooms: PartialRooms,
  { since, upTo, isLazy }: { readonly since: number; readonly upTo: number; readonly isLazy: boolean },
): Promise<PartialView> {
  const partial = new Set(rooms.all().map(({ room }) => room));
  const completed = await rooms.completedSince(since === 0 ? upTo : since);
  const isCompleted = (room: RoomNid): boolean =>
    since > 0 && !partial.has(room) && (completed.get(room) ?? Infinity) <= upTo;
  return {
    isHidden: (room) => !isLazy && (partial.has(room) || (completed.get(room) ?? 0) > upTo),
    isFirstShown: (room) => !isLazy && isCompleted(room),
    isCompleted,
    shownBefore: async (room) => (isCompleted(room) ? rooms.shownAt(room, since) : undefined),
  };
}
