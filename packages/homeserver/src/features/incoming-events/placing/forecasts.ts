import type { Reader } from '@myelin/database';
import { authTypesForEvent, type AuthDecision, type StateKeyPair } from '@myelin/protocol';
import type { Events, StoredEvent } from '../../events/index.ts';
import type { EventNid } from '../../names/index.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import type { StateMaps } from '../../state-map/index.ts';
import {
  keyOfView,
  statesAfter,
  viewOf,
  withEntry,
  type ResolveOptions,
  type StateResolver,
  type StateView,
} from '../../state-resolution/index.ts';
import type { HistoryGaps, RoomHead } from '../../timeline/index.ts';
import type { EventJudge } from '../checking/event-judge.ts';
import { coveredBy, isLeftOut } from './followed-events.ts';
import { pendingEvent, type JudgedEvent } from './judged-event.ts';
import type { StatesBefore } from './states-before.ts';
import type { WaitingEnds } from './waiting-ends.ts';

/** Why the current state is against an event, and by which events, as far as the state before it had none or others. */
interface SoftFailure {
  readonly reason: readonly [code: string, reason: string];
  readonly refusers: readonly EventNid[];
}

/** What an event would do to its room. */
export interface Outcome {
  /** Why the current state doesn't allow it, if it doesn't. */
  readonly softFailure: SoftFailure['reason'] | undefined;
  /** What the current state has against it then. */
  readonly refusers: readonly EventNid[];
  readonly after: StateView;
  /** The room's current state with the event in it. */
  readonly current: StateView;
  /** The extremities that stay. */
  readonly others: readonly StoredEvent[];
  /** Whether no event that is here follows it, or the state that was told before those that do leaves it out. */
  readonly isExtremity: boolean;
  /** Events that aren't here, before refused and soft-failed ones that this one follows. */
  readonly missingBehind: readonly string[];
  /** Those of the room's waiting ends that wait no more, since this one follows them. */
  readonly followed: readonly StoredEvent[];
  /** Whether it waits itself for what follows it, and changes nothing of the current state. */
  readonly waits: boolean;
}

export interface ForecastsParts {
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: StateResolver;
  readonly judge: EventJudge;
  readonly gaps: HistoryGaps;
  readonly statesBefore: StatesBefore;
  readonly waitingEnds: WaitingEnds;
  readonly partialRooms: PartialRooms;
}

export interface ForecastOptions {
  /** A transaction in which the head was read. */
  readonly reader?: Reader | undefined;
  /** What follows the event comes next: a large resolution is left to that. */
  readonly mayWait?: boolean | undefined;
}

/** Finds out what an event would do to its room as it stands. */
export class Forecasts {
  readonly #parts: ForecastsParts;

  constructor(parts: ForecastsParts) {
    this.#parts = parts;
  }

  async of(head: RoomHead, judged: JudgedEvent, { reader, mayWait = false }: ForecastOptions = {}): Promise<Outcome> {
    const { events, resolver, gaps, waitingEnds, partialRooms } = this.#parts;
    const { nid, pdu, unplaced, place } = judged;
    const waiting = await waitingEnds.of(head.room, reader);
    // The room's ends are resolved anew when its members are known.
    const lacksMembers =
      place.lacksMembers || (await partialRooms.lackMembers(head.room, [...head.extremities, ...waiting], reader));
    const options = { pending: [pendingEvent(judged)], lacksMembers, ...(reader && { reader }) };
    const before = place.stateBefore;
    const after = unplaced.stateKeyNid === undefined ? before : withEntry(before, unplaced.stateKeyNid, nid);
    const failure = (await this.#softFailure(head, judged, waiting, options)) ?? judged.unwanted;
    const softFailure = failure?.reason;
    const covered = await coveredBy(place.previous, head.version, events, reader);
    const isCovered = (event: StoredEvent): boolean => covered.eventIds.has(event.eventId);
    const rest = head.extremities.filter((event) => !isCovered(event));
    const child = await gaps.childOf(head.room, pdu.eventId, reader);
    const isExtremity = child === undefined || (await this.#isLeftOut(judged, child, reader));
    const outcome = {
      softFailure,
      refusers: failure?.refusers ?? [],
      after,
      current: viewOf(head.state),
      others: rest,
      isExtremity,
      missingBehind: covered.missing,
      followed: softFailure ? [] : waiting.filter(isCovered),
      waits: false,
    };
    if (softFailure) return outcome;
    // An event that others follow already ends nothing, but what is before it doesn't either any more.
    const others = isExtremity || rest.length > 0 ? rest : head.extremities;
    const endsNone = others.length === head.extremities.length;
    if (!isExtremity && endsNone) return { ...outcome, others };
    const states = isExtremity ? [after, ...statesAfter(others)] : statesAfter(others);
    if (!mayWait || !endsNone) return { ...outcome, others, current: await resolver.resolve(head, states, options) };
    const current = outcome.followed.length > 0 ? undefined : await resolver.resolveSmall(head, states, options);
    if (current) return { ...outcome, others, current };
    return { ...outcome, others, isExtremity: false, waits: true };
  }

  /**
   * Why the current state is against an event, if it is. Server-Server API §"Soft failure". Seldom it is only because it doesn't count yet what
   * came in the same gap, or what isn't here: then that counts too. Where nothing is missing or waits the event's own past doesn't, or
   * who follows a soft-failed event would be let in by it.
   */
  async #softFailure(
    head: RoomHead,
    { pdu, place, claimed }: JudgedEvent,
    waiting: readonly StoredEvent[],
    options: ResolveOptions,
  ): Promise<SoftFailure | undefined> {
    const { resolver, judge, statesBefore } = this.#parts;
    const before = place.stateBefore;
    if (keyOfView(before) === String(head.state)) return undefined;
    const decide = async (state: StateView): Promise<AuthDecision> =>
      judge.byState(head, pdu, await statesBefore.withClaims(head, state, claimed), options.reader);
    const hasAll = place.missing.length === 0;
    let current = viewOf(head.state);
    let decision = await decide(current);
    if (!decision.allowed && (!hasAll || waiting.length > 0)) {
      const ends = statesAfter([...head.extremities, ...waiting]);
      current = await resolver.resolve(head, hasAll ? ends : [before, ...ends], options);
      decision = await decide(current);
    }
    if (decision.allowed) return undefined;
    const refusers = await this.#othersIn(current, before, authTypesForEvent(pdu.pdu, head.version), options.reader);
    return { reason: [decision.reason, decision.message], refusers };
  }

  /** What one state has for some keys that another one hasn't. */
  async #othersIn(
    state: StateView,
    other: StateView,
    keys: readonly StateKeyPair[],
    reader?: Reader,
  ): Promise<EventNid[]> {
    const { judge } = this.#parts;
    const found: EventNid[] = [];
    for (const { type, stateKey } of keys) {
      const here = await judge.find(state, type, stateKey, reader);
      if (here && here.nid !== (await judge.find(other, type, stateKey, reader))?.nid) found.push(here.nid);
    }
    return found;
  }

  async #isLeftOut({ unplaced, place }: JudgedEvent, child: EventNid, reader?: Reader): Promise<boolean> {
    const { events, maps } = this.#parts;
    if (place.missing.length > 0) return false;
    const follower = (await events.getMany([child], reader)).get(child);
    return follower !== undefined && isLeftOut(unplaced.stateKeyNid, place.stateBefore, follower, maps, reader);
  }
}
