import type { Database } from '@myelin/database';
import { prevEventIds } from '@myelin/protocol';
import type { AuthGraph } from '../auth-graph/index.ts';
import { asStored, eventStatus, type Events, type StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import { emptyState } from '../state-map/index.ts';
import type { ResolutionScope } from '../state-resolution/index.ts';
import type { Breather } from './breather.ts';
import { idsOfAuthEvents, type EventJudge } from './event-judge.ts';
import type { EventNamer } from './event-namer.ts';
import type { CheckedPdu } from './incoming-events.ts';
import type { UnprovenEvents } from './unproven-events.ts';

export interface OutliersParts {
  readonly database: Database;
  readonly events: Events;
  readonly graph: AuthGraph;
  readonly judge: EventJudge;
  readonly namer: EventNamer;
  readonly breathe: () => Breather;
  /** Where state events wait that rest on others which can't be checked yet. */
  readonly unproven: Pick<UnprovenEvents, 'keep' | 'waits'>;
}

/** So many events are stored in one transaction: others can write in between. */
const batch = 250;

/** Keeps events of which only the content counts (state and auth chains that others tell), checked by their auth events. */
export class Outliers {
  readonly #parts: OutliersParts;

  constructor(parts: OutliersParts) {
    this.#parts = parts;
  }

  /**
   * Stores those that aren't known yet; those with auth events that are missing are left out. Returns all that are here
   * now, rejected ones included, by id.
   */
  async store(scope: ResolutionScope, pdus: readonly CheckedPdu[]): Promise<Map<string, StoredEvent>> {
    const { database, events, graph, judge, namer } = this.#parts;
    const known = await events.findMany(pdus.map((pdu) => pdu.eventId));
    const fresh = inAuthOrder(
      scope,
      pdus.filter((pdu) => isUnchecked(known.get(pdu.eventId))),
    );
    const named = await namer.name(scope, fresh);
    await this.#loadAuthEvents(scope, fresh, known);
    const breather = this.#parts.breathe();
    const toStore: { event: StoredEvent; authIds: string[]; refusal: [code: string, reason: string] | undefined }[] =
      [];
    const lacking: CheckedPdu[] = [];
    for (const [i, pdu] of fresh.entries()) {
      await breather.breathe();
      const authIds = idsOfAuthEvents(scope, pdu);
      const authEvents = authIds.map((id) => known.get(id));
      if (!authEvents.every((event) => event !== undefined)) {
        if (pdu.pdu.state_key !== undefined && pdu.refusal === undefined) lacking.push(pdu);
        continue;
      }
      const decision = await judge.byAuthEvents(scope, pdu, authEvents);
      const refusal = refusalOf(pdu, decision);
      const status = eventStatus.outlier | (refusal ? eventStatus.rejected : 0);
      const place = { position: undefined, stateBefore: emptyState, stateAfter: emptyState, status };
      const event = known.get(pdu.eventId)?.with(place) ?? asStored(events.takeNid(), { ...named[i]!, ...place });
      known.set(pdu.eventId, event);
      toStore.push({ event, authIds, refusal });
    }
    if (lacking.length > 0 && (await this.#parts.unproven.waits(scope.roomId)))
      await this.#parts.unproven.keep(
        scope.roomId,
        lacking.map(({ eventId, json }) => ({ eventId, server: '', json })),
      );
    for (let at = 0; at < toStore.length; at += batch) {
      const some = toStore.slice(at, at + batch);
      await database.transact(async (writer) => {
        // Another way in may have brought some of them meanwhile.
        const since = await events.findMany(
          some.map(({ event }) => event.eventId),
          writer,
        );
        const still = some.filter(({ event }) => isUnchecked(since.get(event.eventId)));
        for (const [id, event] of since) if (!isUnchecked(event)) known.set(id, event);
        for (const { event } of still) if (since.has(event.eventId)) await events.place(writer, event, event.fields);
        await events.insertMany(
          writer,
          still.map(({ event }) => event).filter((event) => !since.has(event.eventId)),
        );
        const accepted = still.filter(({ event, refusal }) => event.isState && !refusal);
        await graph.addMany(
          writer,
          accepted.map(({ event, authIds }): [EventNid, EventNid[]] => {
            return [event.nid, authIds.map((id) => (known.get(id) as StoredEvent).nid)];
          }),
        );
        for (const { event, refusal } of still) if (refusal) await events.noteRefusal(writer, event.nid, ...refusal);
      });
    }
    return known;
  }

  async #loadAuthEvents(
    scope: ResolutionScope,
    pdus: readonly CheckedPdu[],
    known: Map<string, StoredEvent>,
  ): Promise<void> {
    const ids = new Set(pdus.flatMap((pdu) => idsOfAuthEvents(scope, pdu)));
    for (const [id, event] of await this.#parts.events.findMany([...ids].filter((id) => !known.has(id))))
      known.set(id, event);
  }
}

/** Not here, or here without having been checked. */
function isUnchecked(event: StoredEvent | undefined): boolean {
  return event === undefined || (event.fields.status & eventStatus.unchecked) !== 0;
}

/** Why an event is rejected, if it is: its format, or the rules. */
export function refusalOf(
  pdu: CheckedPdu,
  decision: { allowed: true } | { allowed: false; reason: string; message: string },
): [code: string, reason: string] | undefined {
  if (pdu.refusal !== undefined) return ['format', pdu.refusal];
  return decision.allowed ? undefined : [decision.reason, decision.message];
}

/** Events behind all of their auth events. What is in a circle, or rests on one, is left out. */
export function inAuthOrder(scope: ResolutionScope, pdus: readonly CheckedPdu[]): CheckedPdu[] {
  return inOrder(pdus, (pdu) => idsOfAuthEvents(scope, pdu));
}

/** Events behind all events before them. */
export function inGraphOrder({ version }: ResolutionScope, pdus: readonly CheckedPdu[]): CheckedPdu[] {
  return inOrder(pdus, ({ pdu }) => prevEventIds(pdu, version));
}

/** Stored events behind all events before them. */
export function inPrevOrder({ version }: ResolutionScope, events: readonly StoredEvent[]): StoredEvent[] {
  return inOrder(events, ({ pdu }) => prevEventIds(pdu, version));
}

function inOrder<T extends { readonly eventId: string }>(
  pdus: readonly T[],
  named: (pdu: T) => readonly string[],
): T[] {
  const byId = new Map(pdus.map((pdu) => [pdu.eventId, pdu]));
  const waiting = new Map<string, number>();
  const followers = new Map<string, T[]>();
  const ordered: T[] = [];
  for (const pdu of byId.values()) {
    const before = new Set(named(pdu).filter((id) => byId.has(id)));
    if (before.size === 0) ordered.push(pdu);
    else waiting.set(pdu.eventId, before.size);
    for (const id of before) {
      const list = followers.get(id);
      if (list) list.push(pdu);
      else followers.set(id, [pdu]);
    }
  }
  // Items added to an array while it is iterated over are visited too.
  for (const done of ordered) {
    for (const follower of followers.get(done.eventId) ?? []) {
      const left = (waiting.get(follower.eventId) as number) - 1;
      waiting.set(follower.eventId, left);
      if (left === 0) ordered.push(follower);
    }
  }
  return ordered;
}
