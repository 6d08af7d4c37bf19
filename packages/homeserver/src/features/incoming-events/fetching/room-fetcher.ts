import { federation, MatrixError } from '@myelin/api';
import type { JsonValue } from '@myelin/protocol';
import type { Breather } from '@myelin/runtime';
import type { Log } from '../../../observability/log.ts';
import type { Events, StoredEvent } from '../../events/index.ts';
import { FederationError, type FederationClient } from '../../federation-client/index.ts';
import type { EventNid, StateKeyNid } from '../../names/index.ts';
import type { ResolutionScope } from '../../state-resolution/index.ts';
import { idsOfAuthEvents } from '../checking/event-judge.ts';
import type { EventChecker } from '../checking/event-checker.ts';
import type { FetchBudget } from './fetch-budget.ts';
import { historyOf } from './history-walk.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import type { HiddenAllowances } from './hidden-allowances.ts';
import type { Outliers } from './outliers.ts';
import type { StateReader } from './state-reader.ts';
import type { UnprovenEvents } from '../checking/unproven-events.ts';

export interface RoomFetcherParts {
  readonly client: FederationClient;
  readonly events: Events;
  readonly checker: EventChecker;
  readonly outliers: Outliers;
  readonly stateReader: StateReader;
  readonly hidden: Pick<HiddenAllowances, 'hasLeft'>;
  readonly unproven: Pick<UnprovenEvents, 'told'>;
  readonly log: Log;
  /** Makes what lets others have the thread during long work. */
  readonly breathe: () => Breather;
}

/** So many events between are asked for. */
const mostMissing = 20;
const largestAnswer = 64 * 1024 * 1024;
const largestEvent = 1024 * 1024;
/** For all of an answer with a few events, in milliseconds: who sent an event waits for it, and so does its room. */
const patience = 60_000;
/** For all of one that tells of a state or has much history. */
const longPatience = 240_000;
/** So many ids of a state are looked up at once, in a millisecond or two. */
const idsAtOnce = 1_000;
/** So many single events are asked for at a time. */
const parallel = 8;
/** So often the auth events of what was fetched are fetched one by one. */
const mostRounds = 10;
/** More events of a state than so many are looked for in the history before it. */
const fewestByHistory = 20;

/** Gets what is missing of a room from one server, in checked form; what is only for authorization is stored as outliers. */
export class RoomFetcher {
  readonly #parts: RoomFetcherParts;

  constructor(parts: RoomFetcherParts) {
    this.#parts = parts;
  }

  /** Events between those that are here and some that came. Empty if the server doesn't tell. */
  async missingBefore(
    origin: string,
    scope: ResolutionScope,
    latest: readonly string[],
    earliest: readonly string[],
    minDepth: number,
  ): Promise<CheckedPdu[]> {
    const body = {
      earliest_events: earliest.slice(0, mostMissing),
      latest_events: [...latest],
      limit: mostMissing,
      min_depth: minDepth,
    };
    const answer = await this.#try(scope, () =>
      this.#parts.client.call(
        origin,
        federation.getMissingPreviousEvents,
        { params: { roomId: scope.roomId }, body },
        { maxBytes: mostMissing * 2 * largestEvent, retries: 'none', longestMs: patience },
      ),
    );
    return answer ? this.#check(scope, answer.events.slice(0, mostMissing)) : [];
  }

  /**
   * The event with this id. Undefined if the server doesn't have it, or nothing like it. `mustAnswer`: throws M_FORBIDDEN if it
   * doesn't say.
   */
  async event(
    origin: string,
    scope: ResolutionScope,
    eventId: string,
    mustAnswer = false,
  ): Promise<CheckedPdu | undefined> {
    const answer = await this.#try(
      scope,
      () =>
        this.#parts.client.call(
          origin,
          federation.getEvent,
          { params: { eventId } },
          { maxBytes: largestEvent, retries: 'none', longestMs: patience },
        ),
      mustAnswer,
    );
    const checked = answer ? await this.#check(scope, answer.pdus.slice(0, 1)) : [];
    return checked.find((pdu) => pdu.eventId === eventId);
  }

  /** Makes sure, as far as the server helps, that an event's auth events are here. Returns those that are. */
  async authEvents(
    origin: string,
    scope: ResolutionScope,
    pdu: CheckedPdu,
    budget: FetchBudget,
  ): Promise<Map<string, StoredEvent>> {
    const { events } = this.#parts;
    const ids = idsOfAuthEvents(scope, pdu);
    const known = await events.findMany(ids);
    if (known.size === ids.length || !(await this.#mayTell(origin, scope, budget))) return known;
    const answer = await this.#try(scope, () =>
      this.#parts.client.call(
        origin,
        federation.getEventAuth,
        { params: { roomId: scope.roomId, eventId: pdu.eventId } },
        { maxBytes: largestAnswer, retries: 'none', longestMs: longPatience },
      ),
    );
    if (answer) {
      budget.takeEvents(answer.auth_chain.length);
      await this.#parts.outliers.store(scope, await this.#check(scope, answer.auth_chain), budget.tellerOf(origin));
    }
    const found = await events.findMany(ids);
    if (found.size === ids.length) return found;
    await this.#authEventsOneByOne(
      origin,
      scope,
      ids.filter((id) => !found.has(id)),
      budget,
    );
    return events.findMany(ids);
  }

  /** These events as outliers, with all that they rest on; `given` are checked already. */
  async #authEventsOneByOne(
    origin: string,
    scope: ResolutionScope,
    eventIds: readonly string[],
    budget: FetchBudget,
    given: readonly CheckedPdu[] = [],
  ): Promise<void> {
    const fetched = new Map(given.map((pdu) => [pdu.eventId, pdu]));
    let wanted = [...eventIds];
    for (let round = 0; round < mostRounds && wanted.length > 0; round++) {
      budget.takeEvents(wanted.length);
      const named = new Set<string>();
      for (const pdu of await this.events(origin, scope, wanted)) {
        fetched.set(pdu.eventId, pdu);
        for (const id of idsOfAuthEvents(scope, pdu)) named.add(id);
      }
      const known = await this.#parts.events.findNids(named);
      wanted = [...named].filter((id) => !known.has(id) && !fetched.has(id));
    }
    await this.#parts.outliers.store(scope, [...fetched.values()], budget.tellerOf(origin));
  }

  /** Those of some events that lie in the history from another one back, as far as it is worth its while. */
  async #byHistory(
    origin: string,
    scope: ResolutionScope,
    eventId: string,
    eventIds: readonly string[],
    budget: FetchBudget,
  ): Promise<CheckedPdu[]> {
    if (eventIds.length <= fewestByHistory) return [];
    const { client, events } = this.#parts;
    const { signal } = budget;
    return historyOf(eventId, new Set(eventIds), scope.version, {
      known: async (ids) => new Set((await events.findNids(ids)).keys()),
      before: async (ids, limit) => {
        const target = { params: { roomId: scope.roomId }, query: { v: [...ids], limit } };
        const most = { maxBytes: limit * largestEvent, longestMs: longPatience } as const;
        const options = { ...most, retries: 'none', ...(signal && { signal }) } as const;
        const answer = await this.#try(scope, () => client.call(origin, federation.backfillRoom, target, options));
        const items = answer?.pdus.slice(0, limit) ?? [];
        budget.takeEvents(items.length);
        return this.#check(scope, items);
      },
    });
  }

  /** Those of some events that the server tells, each asked for by itself. */
  async events(origin: string, scope: ResolutionScope, eventIds: readonly string[]): Promise<CheckedPdu[]> {
    const found: CheckedPdu[] = [];
    const waiting = [...eventIds];
    const work = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const pdu = await this.event(origin, scope, id);
        if (pdu) found.push(pdu);
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return found;
  }

  /**
   * The events of the state before an event, as another server has it, stored as outliers; rejected ones are left out.
   * Undefined if the server doesn't tell.
   */
  async stateBefore(
    origin: string,
    scope: ResolutionScope,
    eventId: string,
    budget: FetchBudget,
    timeoutMs?: number,
  ): Promise<Map<StateKeyNid, EventNid> | undefined> {
    const { client, events } = this.#parts;
    if (!(await this.#mayTell(origin, scope, budget))) return undefined;
    budget.takeState();
    const target = { params: { roomId: scope.roomId }, query: { event_id: eventId } };
    const { signal } = budget;
    const options = {
      maxBytes: largestAnswer,
      longestMs: timeoutMs === undefined ? longPatience : patience,
      retries: 'none',
      ...(signal && { signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    } as const;
    const answer = await this.#try(scope, () => client.call(origin, federation.getRoomStateIds, target, options));
    if (!answer) return undefined;
    const wanted = new Set([...answer.pdu_ids, ...answer.auth_chain_ids]);
    const missing = (): Promise<string[]> =>
      this.#inLots([...wanted], async (some) => {
        const known = await events.findNids(some);
        return some.filter((id) => !known.has(id));
      });
    const lacking = await missing();
    const areMany = lacking.length > 20 && lacking.length * 10 > wanted.size;
    if (lacking.length > 0 && !areMany) {
      const found = await this.#byHistory(origin, scope, eventId, lacking, budget);
      const known = new Set(found.map((pdu) => pdu.eventId));
      const rest = lacking.filter((id) => !known.has(id));
      await this.#authEventsOneByOne(origin, scope, rest, budget, found);
    }
    // What can't be had one by one may come with the rest; a state with holes would be another one.
    if (areMany || (lacking.length > 0 && (await missing()).length > 0)) {
      const isTold = await this.#try(scope, async () => {
        await this.#parts.stateReader.store(origin, scope, target, options, budget.tellerOf(origin));
        return true;
      });
      if (!isTold) return undefined;
    }
    await this.#parts.unproven.told(scope.roomId, answer.pdu_ids, [eventId]);
    const state = await this.#inLots(answer.pdu_ids, async (ids) => [...(await events.stateOf(scope.room, ids))]);
    return new Map(state);
  }

  /** Asks about ids, of which a large room's state has many, while others have the thread from time to time. */
  async #inLots<T>(ids: readonly string[], ask: (ids: readonly string[]) => Promise<readonly T[]>): Promise<T[]> {
    const found: T[] = [];
    for await (const some of this.#parts.breathe().slices(ids, idsAtOnce))
      for (const each of await ask(some)) found.push(each);
    return found;
  }

  /** Whether what a server tells may be kept. */
  async #mayTell(server: string, { room }: ResolutionScope, { isOwn }: FetchBudget): Promise<boolean> {
    return isOwn || this.#parts.hidden.hasLeft(server, room);
  }

  #check(scope: ResolutionScope, items: readonly unknown[]): Promise<CheckedPdu[]> {
    return this.#parts.checker.check(scope.version, scope.roomId, items as JsonValue[]);
  }

  async #try<T>({ roomId }: ResolutionScope, call: () => Promise<T>, mustAnswer = false): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof FederationError)) throw error;
      if (mustAnswer && error.isPassing)
        throw new MatrixError('M_FORBIDDEN', 'A server that knows the events before this one could not be reached');
      this.#parts.log.info(
        { room: roomId, server: error.destination, kind: error.kind },
        'what is missing of a room could not be had',
      );
      return undefined;
    }
  }
}
