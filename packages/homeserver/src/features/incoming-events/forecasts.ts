import type { Reader } from '@myelin/database';
import { prevEventIds } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import {
  keyOfView,
  valueIn,
  viewOf,
  withEntry,
  type StateResolver,
  type StateView,
} from '../state-resolution/index.ts';
import type { HistoryGaps, RoomHead } from '../timeline/index.ts';
import type { EventJudge } from './event-judge.ts';
import { pendingEvent, type JudgedEvent } from './judged-event.ts';
import type { StatesBefore } from './states-before.ts';

/** What an event would do to its room. */
export interface Outcome {
  /** Why the current state doesn't allow it, if it doesn't. */
  readonly softFailure: readonly [code: string, reason: string] | undefined;
  readonly after: StateView;
  /** The room's current state with the event in it. */
  readonly current: StateView;
  /** The extremities that stay. */
  readonly others: readonly StoredEvent[];
  /** Whether no event that is here follows it, or the state that was told before those that do leaves it out. */
  readonly isExtremity: boolean;
}

export interface ForecastsParts {
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: StateResolver;
  readonly judge: EventJudge;
  readonly gaps: HistoryGaps;
  readonly statesBefore: StatesBefore;
}

/** Rejected and soft-failed events that lie between an event and the extremities are followed so far. */
const mostHidden = 100;

/** Finds out what an event would do to its room as it stands. */
export class Forecasts {
  readonly #parts: ForecastsParts;

  constructor(parts: ForecastsParts) {
    this.#parts = parts;
  }

  /** `reader`: a transaction in which `head` was read. */
  async of(head: RoomHead, judged: JudgedEvent, reader?: Reader): Promise<Outcome> {
    const { resolver, judge, gaps, statesBefore } = this.#parts;
    const { nid, pdu, unplaced, place } = judged;
    const options = { pending: [pendingEvent(judged)], ...(reader && { reader }) };
    const before = place.stateBefore;
    const after = unplaced.stateKeyNid === undefined ? before : withEntry(before, unplaced.stateKeyNid, nid);
    const states = head.extremities.map((event) => viewOf(event.fields.stateAfter));
    let softFailure: Outcome['softFailure'];
    if (keyOfView(before) !== String(head.state)) {
      // Where events before this one are missing here, what it knows of the room counts too. Otherwise it doesn't, or who
      // follows a soft-failed event would be let in by it. Server-Server API §"Soft failure".
      const hasAll = place.missing.length === 0;
      const now = hasAll ? viewOf(head.state) : await resolver.resolve(head, [before, ...states], options);
      const known = await statesBefore.withClaims(head, now, judged.claimed);
      const decision = await judge.byState(head, pdu, known, reader);
      if (!decision.allowed) softFailure = [decision.reason, decision.message];
    }
    const covered = await this.#covered(head, place.previous, reader);
    const rest = head.extremities.filter((event) => !covered.has(event.eventId));
    const child = await gaps.childOf(head.room, pdu.eventId, reader);
    const isExtremity = child === undefined || (await this.#isLeftOut(child, judged, reader));
    if (softFailure) return { softFailure, after, current: viewOf(head.state), others: rest, isExtremity };
    // An event that others follow already ends nothing, but what is before it doesn't either any more.
    const others = isExtremity || rest.length > 0 ? rest : head.extremities;
    if (!isExtremity && others.length === head.extremities.length)
      return { softFailure, after, current: viewOf(head.state), others, isExtremity };
    const ends = others.map((event) => viewOf(event.fields.stateAfter));
    const current = await resolver.resolve(head, isExtremity ? [after, ...ends] : ends, options);
    return { softFailure, after, current, others, isExtremity };
  }

  /**
   * Whether a state event was as if it had never been in what another server told of the state before one that follows it:
   * a lie, or what that server didn't know. Then it must have its say in the current state as an end of the room, or a
   * liar could hide it from this server for good.
   */
  async #isLeftOut(child: EventNid, { unplaced, place }: JudgedEvent, reader?: Reader): Promise<boolean> {
    const { events, maps } = this.#parts;
    const key = unplaced.stateKeyNid;
    if (key === undefined || place.missing.length > 0) return false;
    const follower = (await events.getMany([child], reader)).get(child);
    if (!follower) return false;
    const before = await valueIn(place.stateBefore, key, maps, reader);
    return (await maps.get(follower.fields.stateBefore, key, reader)) === before;
  }

  /** The events that come before another, as far as rejected and soft-failed ones hide them: they end nothing any more. */
  async #covered(head: RoomHead, previous: readonly StoredEvent[], reader?: Reader): Promise<Set<string>> {
    const covered = new Set<string>();
    let hidden = [...previous];
    while (hidden.length > 0 && covered.size < mostHidden) {
      const next = new Set<string>();
      for (const event of hidden) {
        covered.add(event.eventId);
        if (!event.isShown) for (const id of prevEventIds(event.pdu, head.version)) next.add(id);
      }
      hidden = [
        ...(
          await this.#parts.events.findMany(
            [...next].filter((id) => !covered.has(id)),
            reader,
          )
        ).values(),
      ];
    }
    return covered;
  }
}
