import type { Reader } from '@myelin/database';
import type { Events, StoredEvent } from '../../events/index.ts';
import type { EventNid } from '../../names/index.ts';
import type { StateMaps } from '../../state-map/index.ts';
import {
  keyOfView,
  statesAfter,
  viewOf,
  withEntry,
  type StateResolver,
  type StateView,
} from '../../state-resolution/index.ts';
import type { HistoryGaps, RoomHead } from '../../timeline/index.ts';
import type { EventJudge } from '../checking/event-judge.ts';
import { coveredBy, isLeftOut } from './followed-events.ts';
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
  /** Events that aren't here, before refused and soft-failed ones that this one follows. */
  readonly missingBehind: readonly string[];
}

export interface ForecastsParts {
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: StateResolver;
  readonly judge: EventJudge;
  readonly gaps: HistoryGaps;
  readonly statesBefore: StatesBefore;
}

/** Finds out what an event would do to its room as it stands. */
export class Forecasts {
  readonly #parts: ForecastsParts;

  constructor(parts: ForecastsParts) {
    this.#parts = parts;
  }

  /** `reader`: a transaction in which `head` was read. */
  async of(head: RoomHead, judged: JudgedEvent, reader?: Reader): Promise<Outcome> {
    const { events, resolver, judge, gaps, statesBefore } = this.#parts;
    const { nid, pdu, unplaced, place } = judged;
    const options = { pending: [pendingEvent(judged)], ...(reader && { reader }) };
    const before = place.stateBefore;
    const after = unplaced.stateKeyNid === undefined ? before : withEntry(before, unplaced.stateKeyNid, nid);
    const states = statesAfter(head.extremities);
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
    const covered = await coveredBy(place.previous, head.version, events, reader);
    const rest = head.extremities.filter((event) => !covered.eventIds.has(event.eventId));
    const child = await gaps.childOf(head.room, pdu.eventId, reader);
    const isExtremity = child === undefined || (await this.#isLeftOut(judged, child, reader));
    const missingBehind = covered.missing;
    if (softFailure)
      return { softFailure, after, current: viewOf(head.state), others: rest, isExtremity, missingBehind };
    // An event that others follow already ends nothing, but what is before it doesn't either any more.
    const others = isExtremity || rest.length > 0 ? rest : head.extremities;
    if (!isExtremity && others.length === head.extremities.length)
      return { softFailure, after, current: viewOf(head.state), others, isExtremity, missingBehind };
    const ends = statesAfter(others);
    const current = await resolver.resolve(head, isExtremity ? [after, ...ends] : ends, options);
    return { softFailure, after, current, others, isExtremity, missingBehind };
  }

  async #isLeftOut({ unplaced, place }: JudgedEvent, child: EventNid, reader?: Reader): Promise<boolean> {
    const { events, maps } = this.#parts;
    if (place.missing.length > 0) return false;
    const follower = (await events.getMany([child], reader)).get(child);
    return follower !== undefined && isLeftOut(unplaced.stateKeyNid, place.stateBefore, follower, maps, reader);
  }
}
