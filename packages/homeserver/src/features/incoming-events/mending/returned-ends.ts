import { sql, type Database } from '@myelin/database';
import { domainOf, prevEventIds } from '@myelin/protocol';
import { boundedCache } from '../../../caches/index.ts';
import type { Log } from '../../../observability/log.ts';
import type { Events, StoredEvent } from '../../events/index.ts';
import type { EventNid, Names, RoomNid } from '../../names/index.ts';
import type { RoomMembers } from '../../room-members/index.ts';
import type { StateMaps } from '../../state-map/index.ts';
import type { StateResolver } from '../../state-resolution/index.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import { restateEnds, type EventPlacer, type HistoryGaps, type RoomHead, type Timeline } from '../../timeline/index.ts';
import { inGraphOrder } from '../prev-events.ts';

export interface ReturnedEndsParts {
  readonly serverName: string;
  readonly database: Database;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly members: RoomMembers;
  readonly resolver: StateResolver;
  readonly placer: EventPlacer;
  readonly timeline: Timeline;
  readonly partialRooms: PartialRooms;
  readonly historyGaps: Pick<HistoryGaps, 'entryDepth'>;
  /** Whether this server has users in a room. */
  readonly isInRoom: (room: RoomNid) => Promise<boolean>;
  readonly log: Log;
}

/** What came after an event is looked through so far: in what has gone on for longer something has followed it. */
const mostFollowers = 1_000;
/** Users of a server of whom one must have been in the room. */
const mostUsers = 20;

/**
 * A server that comes back into a room has one end of it, its join. An event that it sent there before, which got to the others
 * only after they had gone on without it, is an end for them. They send it back when by it, and what they have, this server is out
 * of the room: the ends are then the same here.
 */
export class ReturnedEnds {
  readonly #parts: ReturnedEndsParts;
  /** Events that something follows, by now for good. */
  readonly #followed = boundedCache<EventNid, true>(10_000);

  constructor(parts: ReturnedEndsParts) {
    this.#parts = parts;
  }

  /** Whether an event may be one of these: it is by this server, and nobody else sends such but for that reason. */
  isPossible({ sender, isShown, position = 0, nid }: StoredEvent): boolean {
    return isShown && position > 0 && domainOf(sender) === this.#parts.serverName && !this.#followed.has(nid);
  }

  /**
   * Takes an event of before this server's last coming into the room for an end again, if nothing here follows it. Who sends it must
   * have been in the room at it: such a server could have made an event that follows it as well, so a liar gains nothing.
   */
  async take(origin: string, head: RoomHead | undefined, event: StoredEvent): Promise<void> {
    const { historyGaps, isInRoom, timeline, log } = this.#parts;
    if (head?.room !== event.room || !(await isInRoom(head.room))) return;
    if (event.fields.depth >= (await historyGaps.entryDepth(head.room))) return;
    if (isEnd(head, event) || (await this.#isFollowed(head, event)) || !(await this.#wasThere(origin, event))) return;
    const isTaken = await timeline.write(head.room, async (writer, now) => {
      if (isEnd(now, event)) return false;
      await restateEnds(this.#parts, writer, now, event.nid, [...now.extremities, event]);
      return true;
    });
    if (isTaken)
      log.info({ room: head.roomId, event: event.eventId }, 'an event of before the last join ends the room');
  }

  async #isFollowed(head: RoomHead, event: StoredEvent): Promise<boolean> {
    const { database, events } = this.#parts;
    const rows = await database.reader.all<{ nid: number }>(
      sql`SELECT nid FROM events WHERE room = ${head.room} AND nid > ${event.nid} ORDER BY nid LIMIT ${mostFollowers + 1}`,
    );
    const later = await events.getMany(rows.map(({ nid }) => nid as EventNid));
    const isFollowed = rows.length > mostFollowers || leadsToShown(event, [...later.values()], head);
    if (isFollowed) this.#followed.set(event.nid, true);
    return isFollowed;
  }

  async #wasThere(server: string, { room, fields: { stateAfter } }: StoredEvent): Promise<boolean> {
    const { members, names, maps, events } = this.#parts;
    const userIds = [...(await names.userIds(await members.joinedUsers(room))).values()];
    for (const userId of userIds.filter((each) => domainOf(each) === server).slice(0, mostUsers)) {
      const key = await names.findStateKey('m.room.member', userId);
      const nid = key === undefined ? undefined : await maps.get(stateAfter, key);
      if (nid !== undefined && (await events.get(nid)).content['membership'] === 'join') return true;
    }
    return false;
  }
}

function isEnd({ extremities }: RoomHead, { nid }: StoredEvent): boolean {
  return extremities.some((end) => end.nid === nid);
}

/** Whether an event that counts, or one that somebody told as part of a state, follows another, if only behind hidden ones. */
function leadsToShown({ eventId }: StoredEvent, later: readonly StoredEvent[], head: RoomHead): boolean {
  const reached = new Set([eventId]);
  for (const each of inGraphOrder(head, later)) {
    if (!prevEventIds(each.pdu, head.version).some((id) => reached.has(id))) continue;
    if (each.isShown || each.isOutlier) return true;
    reached.add(each.eventId);
  }
  return false;
}
