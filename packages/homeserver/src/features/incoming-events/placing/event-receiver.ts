import type { Writer } from '@myelin/database';
import { MatrixError } from '@myelin/api';
import { ResolutionBudgetError } from '@myelin/protocol';
import { boundedCache } from '../../../caches/index.ts';
import type { Log } from '../../../observability/log.ts';
import { eventStatus, type Events, type StoredEvent } from '../../events/index.ts';
import type { EventNid, RoomNid } from '../../names/index.ts';
import type { StateRoot } from '../../state-map/index.ts';
import { keyOfView, type StateResolver } from '../../state-resolution/index.ts';
import type { Recommending } from '../../policy-servers/index.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import type { EventPlacer, HistoryGaps, RoomHead, RoomHeads, Timeline, UnplacedEvent } from '../../timeline/index.ts';
import { claimsOf } from '../checking/claims.ts';
import { idsOfAuthEvents, refusalOf, type EventJudge } from '../checking/event-judge.ts';
import type { EventNamer } from '../checking/event-namer.ts';
import type { FetchBudget } from '../fetching/fetch-budget.ts';
import type { Forecasts, Outcome } from './forecasts.ts';
import type { HiddenAllowances } from '../fetching/hidden-allowances.ts';
import type { CheckedPdu, Verdict } from '../incoming-events.ts';
import { checkNumber, judgedAndWritten } from './came-another-way.ts';
import type { JudgedEvent } from './judged-event.ts';
import { MissingEventsError } from '../missing-events-error.ts';
import type { RoomFetcher } from '../fetching/room-fetcher.ts';
import type { PlaceInGraph, StatesBefore } from './states-before.ts';
import { ToldGaps } from './told-gaps.ts';
import type { WaitingEnds } from './waiting-ends.ts';

export interface EventReceiverParts extends Recommending {
  readonly serverName: string;
  readonly events: Events;
  readonly heads: RoomHeads;
  readonly timeline: Timeline;
  readonly placer: EventPlacer;
  readonly resolver: StateResolver;
  readonly gaps: HistoryGaps;
  readonly judge: EventJudge;
  readonly namer: EventNamer;
  readonly hidden: HiddenAllowances;
  readonly fetcher: RoomFetcher;
  readonly statesBefore: StatesBefore;
  readonly forecasts: Forecasts;
  readonly waitingEnds: WaitingEnds;
  readonly partialRooms: PartialRooms;
  /** Counts events that the current state is against. */
  readonly onSoftFailed?: () => void;
  readonly log: Log;
}

export interface WriteOptions {
  readonly mustCount?: boolean;
  readonly mayWait?: boolean;
}

export interface Received {
  readonly event: StoredEvent;
  readonly verdict: Verdict;
  /** Others here follow it. */
  readonly fills?: boolean;
  /** Then whether the state after it is found out and nobody's word. */
  readonly isFoundOut?: boolean;
  /** One that follows it, where nobody is shown the event itself. */
  readonly follower?: EventNid;
}

const mostFoundOut = 10_000;
/** So often a room is looked at anew when it has changed between the decision and the writing. */
const mostForecasts = 3;

/** Judges events of other servers and gives them their place as the newest. Server-Server API §5.1, checks 4 to 6. */
export class EventReceiver {
  readonly #parts: EventReceiverParts;
  readonly toldGaps = new ToldGaps();
  /** History the state before which is nobody's word. What isn't known any more is only not mended by it. */
  readonly #foundOut = boundedCache<EventNid, true>(mostFoundOut);

  constructor(parts: EventReceiverParts) {
    this.#parts = parts;
  }

  /** An event that is here already, if it has its place. */
  async known(pdu: CheckedPdu): Promise<Received | undefined> {
    const event = await this.#parts.events.find(pdu.eventId);
    if (!event || event.isOutlier) return undefined;
    return { event, verdict: event.isRejected ? 'rejected' : 'known' };
  }

  /** Judges an event and writes it as the newest of its room. `isRelayed`: its server had it made here. */
  async take(
    origin: string,
    head: RoomHead,
    pdu: CheckedPdu,
    budget: FetchBudget,
    { isRelayed = false, ...how }: WriteOptions & { readonly isRelayed?: boolean } = {},
  ): Promise<Received> {
    if (!how.mustCount) await this.#parts.hidden.refuseSpent(origin, head.room);
    return judgedAndWritten(
      () => this.judge(origin, head, pdu, budget),
      (judged) => this.#writeNewest(isRelayed ? { ...judged, way: 'relayed' } : judged, how),
    );
  }

  /** Fetches what the event rests on and judges it by its auth events and the state before it. */
  async judge(origin: string, head: RoomHead, pdu: CheckedPdu, budget: FetchBudget): Promise<JudgedEvent> {
    const { events, placer, judge, namer, hidden, fetcher, statesBefore, policies, serverName } = this.#parts;
    if (pdu.pdu.type === 'm.room.create')
      throw new MatrixError('M_FORBIDDEN', 'A room has one create event, which is here already');
    // First the state: where it is asked for, the auth events come with it, however long their chain is.
    const told = await statesBefore.place(origin, head, pdu, budget);
    const wanted = idsOfAuthEvents(head, pdu);
    const found = await fetcher.authEvents(origin, head, pdu, budget);
    if (found.size < wanted.length)
      throw new MissingEventsError('Events that the event names as its auth events are missing');
    const authEvents = [...found.values()];
    const place = await statesBefore.withMembersOf(told, authEvents);
    let refusal = refusalOf(pdu, judge.byAuthEvents(head, pdu, authEvents));
    const claimed = place.lacksMembers ? claimsOf(authEvents) : [];
    const known = await statesBefore.withClaims(head, place.stateBefore, claimed);
    refusal ??= refusalOf(pdu, await judge.byState(head, pdu, known));
    const outlier = await events.find(pdu.eventId);
    // What the room stands on since we came in isn't refused by a state that somebody tells: that may be a lie.
    if (refusal && outlier && isAccepted(outlier) && !(await this.#isFoundOut(head.room, place)))
      throw new MatrixError('M_FORBIDDEN', 'The state that is told before this event is against it');
    if (refusal && !outlier) await hidden.take(origin, head.room, pdu, refusal[1]);
    // Only now: names are kept too.
    const [named] = (await namer.name(head, [pdu])) as [UnplacedEvent];
    const nid = outlier?.nid ?? placer.takeNid();
    const { unwanted, json } = !refusal && policies?.isPossible ? await policies.of(head, pdu.pdu) : {};
    const unplaced = json === undefined ? named : { ...named, json };
    // An invite that another server has signed comes back this way, and is for us to send on.
    const way = origin === serverName ? 'sent' : 'received';
    const nids = authEvents.map((event) => event.nid);
    return { nid, origin, way, pdu, unplaced, outlier, authEvents: nids, place, claimed, refusal, unwanted };
  }

  /**
   * Writes an event as the newest of its room, or aside if it is refused. What depends on the room's current state is
   * found out beforehand and holds only if the room hasn't changed. `mustCount`: throws M_FORBIDDEN instead of storing an
   * event that would not count. `mayWait`: what follows it comes next.
   */
  async #writeNewest(
    judged: JudgedEvent,
    { mustCount = false, mayWait = false }: WriteOptions = {},
  ): Promise<Received> {
    const { heads, timeline, forecasts, hidden } = this.#parts;
    const { room } = judged.unplaced;
    let isCounted = judged.outlier !== undefined || mustCount;
    if (judged.refusal && mustCount) throw new MatrixError('M_FORBIDDEN', judged.refusal[1]);
    if (judged.refusal) return timeline.write(room, (writer) => this.#reject(writer, judged));
    for (let attempt = 0; attempt < mostForecasts; attempt++) {
      const head = (await heads.find(room)) as RoomHead;
      const outcome = await forecasts.of(head, judged, { mayWait });
      if (outcome.softFailure && !isCounted) {
        await hidden.take(judged.origin, room, judged.pdu, outcome.softFailure[1]);
        isCounted = true;
      }
      const written = await timeline.write(room, async (writer, now) =>
        isSamePlace(head, now) ? this.#write(writer, now, judged, outcome, mustCount) : undefined,
      );
      if (written) return written;
    }
    return timeline.write(room, async (writer, now) =>
      this.#write(writer, now, judged, await forecasts.of(now, judged, { reader: writer }), mustCount),
    );
  }

  async #write(
    writer: Writer,
    head: RoomHead,
    judged: JudgedEvent,
    outcome: Outcome,
    mustCount: boolean,
  ): Promise<Received> {
    const { placer, resolver, gaps, waitingEnds, onSoftFailed, log } = this.#parts;
    const since = await this.#since(writer, judged);
    if (since) return since;
    const { nid, way, unplaced, authEvents, outlier, place } = judged;
    const stateBefore = await resolver.store(writer, place.stateBefore);
    const stateAfter = await placer.stateAfter(writer, stateBefore, nid, unplaced);
    resolver.noteStored(writer, outcome.after, stateAfter);
    if (outcome.softFailure) {
      if (mustCount) throw new MatrixError('M_FORBIDDEN', outcome.softFailure[1]);
      const status = eventStatus.softFailed;
      const event = await placer.aside(writer, nid, unplaced, authEvents, { stateBefore, stateAfter, status }, outlier);
      await this.#parts.events.noteRefusal(writer, nid, outcome.softFailure, outcome.refusers);
      await this.notePartial(writer, judged);
      writer.onDurable(() => onSoftFailed?.());
      log.info({ room: head.roomId, event: event.eventId, reason: outcome.softFailure[0] }, 'event soft-failed');
      return { event, verdict: 'soft-failed', ...(await this.#fillHidden(writer, event, place)) };
    }
    const isAfter = keyOfView(outcome.current) === keyOfView(outcome.after);
    const state = isAfter ? stateAfter : await resolver.store(writer, outcome.current);
    const { others, isExtremity } = outcome;
    const next = { stateBefore, stateAfter, state, others, isExtremity };
    const placed = await placer.newest(writer, head, nid, unplaced, authEvents, next, { way, outlier });
    await waitingEnds.remove(writer, head.room, outcome.followed);
    if (outcome.waits) await waitingEnds.add(writer, placed.event);
    const fills = await gaps.fill(writer, head.room, placed.event.eventId);
    if (fills) this.toldGaps.close(head.room, placed.event.eventId);
    if (!place.lacksMembers) writer.onDurable(() => this.toldGaps.note(head.room, place.told.keys(), judged.origin));
    await gaps.add(writer, placed.event, [...new Set([...place.missing, ...outcome.missingBehind])]);
    await this.notePartial(writer, judged);
    return {
      event: placed.event,
      verdict: 'accepted',
      fills,
      isFoundOut: fills && (await this.#isFoundOut(head.room, place)),
    };
  }

  async #reject(writer: Writer, judged: JudgedEvent): Promise<Received> {
    const { events, placer, resolver, log } = this.#parts;
    const since = await this.#since(writer, judged);
    if (since) return since;
    const { nid, unplaced, authEvents, outlier, place } = judged;
    const refusal = judged.refusal as NonNullable<JudgedEvent['refusal']>;
    const state = await resolver.store(writer, place.stateBefore);
    const where = { stateBefore: state, stateAfter: state, status: eventStatus.rejected };
    const event = await placer.aside(writer, nid, unplaced, authEvents, where, outlier);
    await events.noteRefusal(writer, nid, refusal);
    await this.notePartial(writer, judged);
    log.info({ room: event.roomId, event: event.eventId, reason: refusal[0] }, 'event rejected');
    return { event, verdict: 'rejected', ...(await this.#fillHidden(writer, event, place)) };
  }

  /** An event that nobody is shown has come: what is missing before it is missing before those that follow it. */
  async #fillHidden(
    writer: Writer,
    { room, eventId }: StoredEvent,
    place: PlaceInGraph,
  ): Promise<Pick<Received, 'fills' | 'isFoundOut' | 'follower'>> {
    const { events, gaps } = this.#parts;
    const follower = await gaps.childOf(room, eventId, writer);
    if (follower === undefined) return {};
    await gaps.add(writer, await events.get(follower, writer), place.missing);
    await gaps.fill(writer, room, eventId);
    return { follower, fills: true, isFoundOut: await this.#isFoundOut(room, place) };
  }

  /** Notes an event whose state lacks members. */
  async notePartial(writer: Writer, { nid, unplaced: { room }, place }: JudgedEvent): Promise<void> {
    const { partialRooms, resolver } = this.#parts;
    if (!place.lacksMembers) return;
    const told = new Map<string, StateRoot>();
    for (const [id, state] of place.told) told.set(id, await resolver.store(writer, state));
    await partialRooms.note(writer, room, { event: nid, told });
  }

  /** An event is placed as history. Whether the state before it is found out: what this server followed while it was in the room before leads to it. */
  async noteHistory({ nid, unplaced, place }: JudgedEvent): Promise<boolean> {
    const isFoundOut = await this.#isFoundOut(unplaced.room, place);
    if (isFoundOut) this.#foundOut.set(nid, true);
    return isFoundOut;
  }

  /** Whether the state is what this server has followed from a join of its own on, and nobody's word. */
  async #isFoundOut(room: RoomNid, { told, previous }: PlaceInGraph): Promise<boolean> {
    if (told.size > 0) return false;
    const unsure = previous.filter(({ nid, position = 0 }) => position <= 0 && !this.#foundOut.has(nid));
    if (unsure.length === 0) return true;
    // Hidden events have no position that would tell whether they are older than that join.
    if (unsure.some(({ position }) => position !== undefined)) return false;
    const entered = await this.#parts.gaps.entryDepth(room);
    return unsure.every(({ fields }) => fields.depth >= entered);
  }

  /** Whether the event has come another way meanwhile. Throws if it was judged under another number: then it is judged again. */
  async #since(writer: Writer, judged: JudgedEvent): Promise<Received | undefined> {
    const event = await this.#parts.events.find(judged.pdu.eventId, writer);
    if (!event) return undefined;
    if (event.isOutlier) {
      checkNumber(event, judged);
      return undefined;
    }
    return { event, verdict: event.isRejected ? 'rejected' : 'known' };
  }
}

/** Whether an outlier was found to be allowed by its auth events. */
function isAccepted({ fields: { status } }: StoredEvent): boolean {
  return status === eventStatus.outlier;
}

function isSamePlace(a: RoomHead, b: RoomHead): boolean {
  return (
    a.state === b.state &&
    a.extremities.length === b.extremities.length &&
    a.extremities.every((event, i) => event.nid === b.extremities[i]?.nid)
  );
}

/** A resolution over its budget is an answer like others, not a fault of this server. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof ResolutionBudgetError)) return error;
  return new MatrixError('M_LIMIT_EXCEEDED', 'The state of the room at this event is too costly to find out');
}
