import { sql, type Reader, type Writer } from '@myelin/database';
import { prevEventIds } from '@myelin/protocol';
import type { Log } from '../../../observability/log.ts';
import type { StoredEvent } from '../../events/index.ts';
import type { EventNid, Names, RoomNid, StateKeyNid } from '../../names/index.ts';
import type { PartialEvent, PartialRooms } from '../../partial-rooms/index.ts';
import type { StateChange, StateRoot } from '../../state-map/index.ts';
import { viewOf, type ResolutionScope } from '../../state-resolution/index.ts';
import type { RoomHead } from '../../timeline/index.ts';
import { inGraphOrder, missingAmong } from '../prev-events.ts';
import { replay, restateReplayed, type ReplayedEventsParts } from './replayed-events.ts';
import type { Replayed } from './state-replay.ts';

export interface StateMenderParts extends ReplayedEventsParts {
  readonly names: Names;
  readonly partialRooms: PartialRooms;
  readonly log: Log;
}

/** A state event that was left out of the state after some events, as another server told it. */
export interface LeftOutEvent {
  readonly event: StoredEvent;
  readonly toldAfter: readonly string[];
}

/** An event that was missing before others. */
interface Come {
  readonly event: StoredEvent;
  /** Whether the state after it is nobody's word. */
  readonly isFoundOut: boolean;
  /** The room's first event, if it has its place here. */
  readonly first: EventNid | undefined;
}

/** So many of a room's newest events are judged anew; where what was told lies further back, the room's ends are mended only. */
const mostReplayed = 1_000;

/** Puts state events into the states that lacked them, and finds out anew what came after. */
export class StateMender {
  readonly #parts: StateMenderParts;

  constructor(parts: StateMenderParts) {
    this.#parts = parts;
  }

  /** Puts events into the states that they were left out of. Nobody else takes in events of the room meanwhile. */
  async mend(head: RoomHead, leftOut: readonly LeftOutEvent[]): Promise<void> {
    if (leftOut.length === 0) return;
    if (this.#parts.partialRooms.isPartial(head.room)) return this.#mendTold(head, leftOut);
    if (await this.#replay(head, (now, writer) => this.#lackingEvents(now, leftOut, writer)))
      this.#parts.log.info({ room: head.roomId, events: leftOut.length }, 'state events could be checked at last');
  }

  /**
   * An event has come that was missing before others. What others have told of the state after it counts no more if that is found out here
   * (`isFoundOut`), nor what they have told of the states after what follows it, where nothing is missing any more down to the room's
   * first event. Nobody else takes in events of the room meanwhile.
   */
  async come(event: StoredEvent, isFoundOut: boolean): Promise<void> {
    const head = await this.#parts.timeline.head(event.room);
    if (this.#parts.partialRooms.isPartial(head.room)) return isFoundOut ? this.#dropTold(head.room, event) : undefined;
    const first = await this.#firstOf(head);
    if (!isFoundOut && first === undefined) return;
    const find = (now: RoomHead, writer?: Writer): Promise<PartialEvent[]> =>
      this.#toldOtherwise(now, { event, isFoundOut, first }, writer);
    if (await this.#replay(head, find, event))
      this.#parts.log.info({ room: head.roomId, event: event.eventId }, 'the state after an event was told otherwise');
  }

  /** Judges anew what `find` finds. False: nothing. `followed`: an event that is no end of the room any more. */
  async #replay(
    head: RoomHead,
    find: (head: RoomHead, writer?: Writer) => Promise<readonly PartialEvent[]>,
    followed?: StoredEvent,
  ): Promise<boolean> {
    const first = await find(head);
    if (first.length === 0) return false;
    await replay(this.#parts, head, first, find, (writer, now, replayed) =>
      this.#write(writer, now, replayed, followed),
    );
    return true;
  }

  async #write(writer: Writer, head: RoomHead, replayed: readonly Replayed[], followed?: StoredEvent): Promise<void> {
    const { events } = this.#parts;
    const { room } = head;
    // What clients have seen as the state until now stays what it was.
    const newest = await events.timeline.newestByPosition(room, 0, Number.MAX_SAFE_INTEGER, 1, writer);
    const position = newest[0]?.position;
    if (position !== undefined && (await events.timeline.pointAt(room, position, writer))?.state === head.state)
      await events.timeline.noteCurrentState(writer, room, position, head.state);
    const isFollowed = replayed.some(
      ({ after }) => followed && after.isShown && prevEventIds(after.pdu, head.version).includes(followed.eventId),
    );
    const by = (replayed[0] as (typeof replayed)[0]).after.nid;
    await restateReplayed(this.#parts, writer, head, by, replayed, ({ nid }) => !isFollowed || nid !== followed?.nid);
  }

  /** While members of a room aren't known its states are found out anew anyway, from what was told. */
  async #mendTold(head: RoomHead, leftOut: readonly LeftOutEvent[]): Promise<void> {
    const { partialRooms, timeline } = this.#parts;
    const { room } = head;
    await timeline.write(room, async (writer) => {
      for (const { event, told } of await partialRooms.eventsOf(room, writer)) {
        const mended = new Map(told);
        for (const [id, state] of told) mended.set(id, await this.#with(writer, head, state, toldAt(leftOut, [id])));
        if ([...told].some(([id, state]) => mended.get(id) !== state))
          await partialRooms.note(writer, room, { event, told: mended });
      }
    });
  }

  async #dropTold(room: RoomNid, { eventId }: StoredEvent): Promise<void> {
    const { partialRooms, timeline } = this.#parts;
    await timeline.write(room, async (writer) => {
      for (const { event, told } of await partialRooms.eventsOf(room, writer)) {
        const rest = new Map(told);
        if (rest.delete(eventId)) await partialRooms.note(writer, room, { event, told: rest });
      }
    });
  }

  /** The events whose states lack what was left out, and all that follow them, with the states after events that aren't here. */
  async #lackingEvents(head: RoomHead, leftOut: readonly LeftOutEvent[], writer?: Writer): Promise<PartialEvent[]> {
    let isFar = true;
    const affected = await this.#followed(head, writer, async ({ fields: { stateBefore } }, before) => {
      const told = toldAt(leftOut, before);
      if (told.length > 0) isFar = false;
      const state = await this.#mended(head, stateBefore, told, writer);
      return state === stateBefore ? undefined : state;
    });
    if (!isFar) return affected;
    const ends = new Map(affected.map((each) => [each.event, each]));
    for (const end of head.extremities) {
      const { stateBefore, stateAfter } = end.fields;
      const lacking = await this.#lacking(stateAfter, leftOut, writer);
      if (lacking.length === 0) continue;
      const state = await this.#mended(head, stateBefore, lacking, writer);
      const before = prevEventIds(end.pdu, head.version);
      ends.set(end.nid, { event: end.nid, told: new Map(before.map((id) => [id, state])) });
    }
    return [...ends.values()];
  }

  /** The room's first event, if it has its place here. */
  async #firstOf({ state }: RoomHead): Promise<EventNid | undefined> {
    const { names, maps, events } = this.#parts;
    const key = await names.findStateKey('m.room.create', '');
    const nid = key === undefined ? undefined : await maps.get(state, key);
    return nid === undefined || (await events.get(nid)).isOutlier ? undefined : nid;
  }

  /** The events after one whose states aren't what is found out by it, and all that follow them. See `come`. */
  #toldOtherwise(head: RoomHead, { event, isFoundOut, first }: Come, writer?: Writer): Promise<PartialEvent[]> {
    const { events, maps, resolver } = this.#parts;
    /** Events behind which nothing is missing. */
    const whole = new Set<string>();
    /** The event, and what comes after it. */
    const later = new Set([event.eventId]);
    return this.#followed(head, writer, async (each, before, isFollower) => {
      const { eventId, fields } = each;
      if (before.size === 0 ? each.nid === first : isAll(before, whole)) whole.add(eventId);
      const isLater = [...before].some((id) => later.has(id));
      if (isLater) later.add(eventId);
      const isSure = whole.has(eventId) || (isFoundOut && before.has(event.eventId));
      if (isFollower || !isLater || !isSure) return undefined;
      const { stateBefore } = fields;
      const known = await events.findMany(before, writer);
      const missing = new Set(missingAmong(before, known));
      const states = [...before].map((id) =>
        missing.has(id) ? stateBefore : (known.get(id) as StoredEvent).fields.stateAfter,
      );
      const found = await resolver.resolve(head, states.map(viewOf), writer && { reader: writer });
      const isSame = found.changes.length === 0 && (await maps.diff(stateBefore, found.root, writer)).length === 0;
      return isSame ? undefined : stateBefore;
    });
  }

  /**
   * Those of a room's newest events for which `stateOf` gives a state, and all that follow them. That state, or the one
   * before a follower, is what counts for events before them that aren't here.
   */
  async #followed(
    head: RoomHead,
    writer: Writer | undefined,
    stateOf: (event: StoredEvent, before: ReadonlySet<string>, isFollower: boolean) => Promise<StateRoot | undefined>,
  ): Promise<PartialEvent[]> {
    const affected = new Map<string, PartialEvent>();
    for (const event of inGraphOrder(head, await this.#newest(head.room, writer))) {
      const before = new Set(prevEventIds(event.pdu, head.version));
      const isFollower = [...before].some((id) => affected.has(id));
      const state = await stateOf(event, before, isFollower);
      if (state === undefined && !isFollower) continue;
      const missing = missingAmong(before, await this.#parts.events.findMany(before, writer));
      const told = new Map(missing.map((id) => [id, state ?? event.fields.stateBefore]));
      affected.set(event.eventId, { event: event.nid, told });
    }
    return [...affected.values()];
  }

  /** Events that have a place, shown or not, newest last. History too: what comes after it rests on the states there. */
  async #newest(room: RoomNid, reader: Reader = this.#parts.database.reader): Promise<StoredEvent[]> {
    const rows = await reader.all<{ nid: number }>(
      sql`SELECT nid FROM events WHERE room = ${room} ORDER BY nid DESC LIMIT ${mostReplayed}`,
    );
    const found = await this.#parts.events.getMany(
      rows.map(({ nid }) => nid as EventNid),
      reader,
    );
    return [...found.values()].filter(({ isOutlier }) => !isOutlier);
  }

  /** Those that have nothing in their place. */
  async #lacking(state: StateRoot, leftOut: readonly LeftOutEvent[], reader?: Reader): Promise<LeftOutEvent[]> {
    const lacking: LeftOutEvent[] = [];
    for (const each of leftOut)
      if ((await this.#parts.maps.get(state, keyOf(each.event), reader)) === undefined) lacking.push(each);
    return lacking;
  }

  async #mended(
    head: RoomHead,
    state: StateRoot,
    leftOut: readonly LeftOutEvent[],
    writer?: Writer,
  ): Promise<StateRoot> {
    if (leftOut.length === 0) return state;
    if (writer) return this.#with(writer, head, state, leftOut);
    return this.#parts.database.transact((each) => this.#with(each, head, state, leftOut));
  }

  /**
   * A state with some events in it. Where it has others in their places, those are from another branch, or came after them: that is
   * decided as between two branches.
   */
  async #with(
    writer: Writer,
    scope: ResolutionScope,
    state: StateRoot,
    leftOut: readonly LeftOutEvent[],
  ): Promise<StateRoot> {
    const { maps, resolver } = this.#parts;
    const missing: StateChange[] = [];
    const others: StateChange[] = [];
    for (const { event } of leftOut) {
      const value = await maps.get(state, keyOf(event), writer);
      if (value === undefined) missing.push({ key: keyOf(event), event: event.nid });
      else if (value !== event.nid) others.push({ key: keyOf(event), event: event.nid });
    }
    const filled = missing.length === 0 ? state : await maps.apply(writer, state, missing);
    if (others.length === 0) return filled;
    const views = [viewOf(filled), { root: filled, changes: others }];
    return resolver.store(writer, await resolver.resolve(scope, views, { reader: writer }));
  }
}

function isAll(ids: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  return [...ids].every((id) => known.has(id));
}

function toldAt(leftOut: readonly LeftOutEvent[], eventIds: Iterable<string>): LeftOutEvent[] {
  const ids = new Set(eventIds);
  return leftOut.filter(({ toldAfter }) => toldAfter.some((id) => ids.has(id)));
}

function keyOf({ fields }: StoredEvent): StateKeyNid {
  return fields.stateKeyNid as StateKeyNid;
}
