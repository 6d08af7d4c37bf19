import type { Filter } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import { memberKey, memberOfKey, type EventNid, type StateKeyNid, type UserNid } from '../names/index.ts';
import { emptyState, type StateMaps, type StateRoot } from '../state-map/index.ts';
import type { LazyMembers } from './lazy-members.ts';

export interface StateQuestion {
  /** The state that the client has; `emptyState`: none. */
  readonly known: StateRoot;
  /** The state before the first event of the timeline, and after its last. */
  readonly atStart: StateRoot;
  readonly atEnd: StateRoot;
  readonly timeline: readonly StoredEvent[];
  /** `use_state_after`: tell the state after the timeline, not the one before it. */
  readonly after: boolean;
  readonly filter: Filter;
  readonly reader: UserNid;
  /** Members that the answer must have although nothing of theirs is in it (heroes). */
  readonly wanted: readonly UserNid[];
  /** The whole state is to be told. */
  readonly full: boolean;
  /** The members have become known: that is no change of each of them. */
  readonly completed: boolean;
}

/** Finds out which state events a client lacks. Client-Server API §"Syncing", "Lazy-loading room members". */
export class RoomStateDeltas {
  readonly #maps: StateMaps;
  readonly #events: Events;

  constructor(maps: StateMaps, events: Events) {
    this.#maps = maps;
    this.#events = events;
  }

  async delta(question: StateQuestion, lazy: LazyMembers): Promise<StoredEvent[]> {
    const chosen = await this.#chosen(question);
    if (question.filter.lazyLoadMembers) await this.#loadLazily(question, chosen, lazy);
    const events = await this.#events.getMany(chosen.values());
    const { state } = question.filter;
    return [...events.values()].filter((event) =>
      state.allows({ type: event.type, sender: event.sender, roomId: event.roomId, content: () => event.content }),
    );
  }

  /** The state events that the client lacks, by key, members not yet thinned out. */
  async #chosen({
    known,
    atStart,
    atEnd,
    timeline,
    after,
    full,
    filter,
  }: StateQuestion): Promise<Map<StateKeyNid, EventNid>> {
    const target = after ? atEnd : atStart;
    const chosen = new Map<StateKeyNid, EventNid>();
    if (full || known === emptyState) {
      // Lazily loaded members are added one by one: their part of a large state isn't read into the answer at all.
      const entries = await this.#maps.entries(target);
      if (!filter.lazyLoadMembers) for (const [key, nid] of entries) chosen.set(key, nid);
      else for (const [key, nid] of entries) if (memberOfKey(key) === undefined) chosen.set(key, nid);
    } else {
      for (const { key, after: event } of await this.#maps.diff(known, target))
        if (event !== undefined) chosen.set(key, event);
    }
    if (!after && target !== atEnd) {
      // State that came in after the start of the timeline without being in it (left out by the filter, or resolved).
      const shown = new Set(timeline.map((event) => event.nid));
      for (const { key, after: event } of await this.#maps.diff(target, atEnd)) {
        if (event !== undefined && !shown.has(event)) chosen.set(key, event);
      }
    }
    return chosen;
  }

  /** Leaves only those members in whom the client needs to understand the timeline, and whom it doesn't have. */
  async #loadLazily(question: StateQuestion, chosen: Map<StateKeyNid, EventNid>, lazy: LazyMembers): Promise<void> {
    const { timeline, after, atStart, atEnd, reader, wanted, known, full, completed } = question;
    const target = after ? atEnd : atStart;
    const changed = new Map<UserNid, EventNid>();
    for (const [key, nid] of chosen) {
      const user = memberOfKey(key);
      if (user === undefined) continue;
      changed.set(user, nid);
      chosen.delete(key);
    }
    const inTimeline = new Set<EventNid>(timeline.map((event) => event.nid));
    const needed = new Set<UserNid>(wanted);
    for (const event of timeline) needed.add(event.senderNid);
    if (full || known === emptyState || changed.has(reader)) needed.add(reader);
    for (const user of needed) {
      const nid = changed.get(user) ?? (await this.#maps.get(target, memberKey(user)));
      if (nid === undefined || (inTimeline.has(nid) && !after)) continue;
      if (!question.filter.includeRedundantMembers && !changed.has(user) && lazy.has(user, nid)) continue;
      chosen.set(memberKey(user), nid);
      lazy.add(user, nid);
    }
    // With `state_after` each change counts, whether its author spoke or not.
    if (after && !full && !completed && known !== emptyState)
      for (const [user, nid] of changed) chosen.set(memberKey(user), nid);
  }
}
