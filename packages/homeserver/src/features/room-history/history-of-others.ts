import type { StoredEvent, TimelinePoint } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';

/**
 * What other servers have of a room's past and this one hasn't. Implemented by `features/remote-rooms`; takes bounded
 * time, and fetches nothing for rooms that this server isn't in.
 */
export interface HistoryOfOthers {
  /** Whether events are missing in front of a place. */
  isMissingBefore(room: RoomNid, point: TimelinePoint): Promise<boolean>;
  /**
   * Fetches events that are missing in front of a place, if they belong behind `depth`. Resolves to whether there are
   * more events now than before.
   */
  fetchBefore(room: RoomNid, point: TimelinePoint, depth: number): Promise<boolean>;
  /** An event that isn't here. Undefined: nobody who was asked has it. */
  fetchEvent(room: RoomNid, eventId: string): Promise<StoredEvent | undefined>;
  /**
   * The event closest to a time in a direction, if others have one that is closer than `ours`, and we lack events around
   * it. `earlier`: the last event that we have at or before the time.
   */
  nearest(
    room: RoomNid,
    ts: number,
    forward: boolean,
    ours: StoredEvent | undefined,
    earlier: StoredEvent | undefined,
  ): Promise<StoredEvent | undefined>;
}
