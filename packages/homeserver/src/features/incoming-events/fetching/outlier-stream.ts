import type { Database } from '@myelin/database';
import type { Breather } from '@myelin/runtime';
import type { AuthGraph } from '../../auth-graph/index.ts';
import { asStored, eventStatus, type Events, type StoredEvent } from '../../events/index.ts';
import type { EventNid, StateKeyNid } from '../../names/index.ts';
import { emptyState } from '../../state-map/index.ts';
import type { ResolutionScope } from '../../state-resolution/index.ts';
import { refusalOf, type EventJudge } from '../checking/event-judge.ts';
import type { EventNamer } from '../checking/event-namer.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import type { HiddenAllowances } from './hidden-allowances.ts';
import { authIdsOf, outlined, pack, unpack } from './packed-pdu.ts';
import type { UnprovenEvents } from '../checking/unproven-events.ts';

export interface OutliersParts {
  readonly database: Database;
  readonly events: Events;
  readonly graph: AuthGraph;
  readonly judge: EventJudge;
  readonly namer: EventNamer;
  readonly hidden: Pick<HiddenAllowances, 'charge'>;
  readonly breathe: () => Breather;
  /** Where state events wait that rest on others which can't be checked yet. */
  readonly unproven: Pick<UnprovenEvents, 'keep' | 'waits'>;
}

/** So many events are stored in one transaction: others can write in between. */
const batch = 500;
/** Beyond so many that wait, events are packed. */
const mostUnpacked = 500;

/** An event that waits for its turn. */
interface Held {
  checked: CheckedPdu;
  readonly authIds: readonly string[];
  /** Auth events that come before it and aren't in line yet. */
  missing: number;
}

interface Judged {
  readonly event: StoredEvent;
  readonly authIds: readonly string[];
  readonly refusal: readonly [code: string, reason: string] | undefined;
}

/**
 * Stores outliers as they come, in any order, each behind its auth events; what waits for these is kept as text. A batch
 * is written while the next is made ready.
 */
export class OutlierStream {
  readonly #parts: OutliersParts;
  readonly #scope: ResolutionScope;
  readonly #teller: string | undefined;
  readonly #onStored: ((event: StoredEvent) => void) | undefined;
  /** Ids that were looked for, and all that were handed in. */
  readonly #looked = new Set<string>();
  readonly #seen = new Set<string>();
  /** What is here or in line to be stored: others may rest on it. */
  readonly #inLine = new Set<string>();
  readonly #nids = new Map<string, EventNid>();
  /** Here without having been checked. */
  readonly #unchecked = new Map<string, StoredEvent>();
  readonly #waiting = new Map<string, Held>();
  readonly #followers = new Map<string, Held[]>();
  readonly #ready: Held[] = [];
  /** Events that aren't durable yet. */
  readonly #fresh = new Map<string, StoredEvent>();
  #writing: Promise<void> = Promise.resolve();

  /** `teller`: the server on whose account they are kept. `onStored` is told of each that is here now, rejected ones included. */
  constructor(parts: OutliersParts, scope: ResolutionScope, teller?: string, onStored?: (event: StoredEvent) => void) {
    this.#parts = parts;
    this.#scope = scope;
    this.#teller = teller;
    this.#onStored = onStored;
  }

  /** Not at the same time as another `add`. */
  async add(pdus: readonly CheckedPdu[]): Promise<void> {
    const held: Held[] = [];
    for (const checked of pdus) {
      if (this.#seen.has(checked.eventId)) continue;
      this.#seen.add(checked.eventId);
      held.push({ checked, authIds: authIdsOf(this.#scope, checked), missing: 0 });
    }
    await this.#lookFor(held);
    for (const each of held) {
      const { eventId } = each.checked;
      // What was here and checked before was told already.
      if (this.#inLine.has(eventId)) continue;
      for (const id of each.authIds) if (!this.#inLine.has(id)) this.#follow(id, each);
      if (each.missing === 0) {
        this.#ready.push(each);
        this.#release(eventId);
      } else {
        if (this.#waiting.size >= mostUnpacked) each.checked = pack(this.#scope, each.checked);
        this.#waiting.set(eventId, each);
      }
    }
    while (this.#ready.length >= batch) await this.#store(this.#ready.splice(0, batch));
  }

  /** Stores the rest, but what lacks auth events, and waits until all is durable. */
  async end(): Promise<void> {
    for (const [id, event] of this.#unchecked) {
      if (this.#inLine.has(id) || this.#seen.has(id)) continue;
      this.#nids.set(id, event.nid);
      this.#release(id);
    }
    while (this.#ready.length > 0) await this.#store(this.#ready.splice(0, batch));
    await this.#writing;
    await this.#keepLacking();
  }

  #follow(id: string, held: Held): void {
    held.missing++;
    const list = this.#followers.get(id);
    if (list) list.push(held);
    else this.#followers.set(id, [held]);
  }

  /** Events may rest on this one from now on. */
  #release(eventId: string): void {
    const released = [eventId];
    for (let id = released.pop(); id !== undefined; id = released.pop()) {
      this.#inLine.add(id);
      for (const follower of this.#followers.get(id) ?? []) {
        if (--follower.missing > 0) continue;
        const { eventId: next } = follower.checked;
        this.#ready.push(follower);
        this.#waiting.delete(next);
        released.push(next);
      }
      this.#followers.delete(id);
    }
  }

  /** Finds out which of some events and of those that they rest on are here. */
  async #lookFor(held: readonly Held[]): Promise<void> {
    const ids = new Set<string>();
    for (const { checked, authIds } of held) {
      for (const id of [checked.eventId, ...authIds]) if (!this.#inLine.has(id) && !this.#looked.has(id)) ids.add(id);
    }
    for (const id of ids) this.#looked.add(id);
    for (const [id, event] of await this.#parts.events.findMany(ids)) {
      if (isUnchecked(event)) {
        this.#unchecked.set(id, event);
        continue;
      }
      this.#nids.set(id, event.nid);
      this.#release(id);
    }
    if (!this.#onStored) return;
    const known = held.filter(({ checked }) => this.#inLine.has(checked.eventId)).map(({ checked }) => checked.eventId);
    for (const event of (await this.#parts.events.findMany(known)).values()) this.#onStored(event);
  }

  async #store(some: readonly Held[]): Promise<void> {
    const { judge, namer, events } = this.#parts;
    const breather = this.#parts.breathe();
    const named = await namer.name(
      this.#scope,
      some.map(({ checked }) => outlined(checked)),
    );
    const before = await this.#authEvents(some);
    const judged: Judged[] = [];
    for (const [i, { checked, authIds }] of some.entries()) {
      if (breather.isDue) await breather.breathe();
      // Parsed by itself and let go of: those that live until all are written would have to be moved about by the collector.
      const pdu = unpack(checked);
      const authEvents = authIds.map((id) => (this.#fresh.get(id) ?? before.get(id)) as StoredEvent);
      const refusal = refusalOf(pdu, judge.byAuthEvents(this.#scope, pdu, authEvents));
      const status = eventStatus.outlier | (refusal ? eventStatus.rejected : 0);
      const place = { position: undefined, stateBefore: emptyState, stateAfter: emptyState, status };
      const event =
        this.#unchecked.get(pdu.eventId)?.with(place) ?? asStored(events.takeNid(), { ...named[i]!, ...place });
      this.#nids.set(pdu.eventId, event.nid);
      this.#fresh.set(pdu.eventId, event);
      judged.push({ event, authIds, refusal });
    }
    await this.#writing;
    this.#writing = this.#write(judged);
    // Whoever waits for it next is told.
    this.#writing.catch(() => {});
  }

  /** Those of the auth events that aren't of the batch. */
  async #authEvents(some: readonly Held[]): Promise<Map<string, StoredEvent>> {
    const nids = new Map<EventNid, string>();
    const found = new Map<string, StoredEvent>();
    for (const { authIds } of some) {
      for (const id of authIds) {
        // What isn't durable yet may become so meanwhile, and is known by its number only then.
        const fresh = this.#fresh.get(id);
        const nid = this.#nids.get(id);
        if (fresh) found.set(id, fresh);
        else if (nid !== undefined) nids.set(nid, id);
      }
    }
    for (const [nid, event] of await this.#parts.events.getMany(nids.keys())) found.set(nids.get(nid) as string, event);
    return found;
  }

  async #write(judged: readonly Judged[]): Promise<void> {
    const { database, events, graph, hidden } = this.#parts;
    let kept: readonly StoredEvent[] = [];
    await database.transact(async (writer) => {
      // Another way in may have brought some of them meanwhile.
      const since = await events.findMany(
        judged.map(({ event }) => event.eventId),
        writer,
      );
      const still = judged.filter(({ event }) => isUnchecked(since.get(event.eventId)));
      for (const [id, event] of since) {
        if (isUnchecked(event)) continue;
        this.#nids.set(id, event.nid);
        this.#fresh.set(id, event);
      }
      for (const { event } of still) if (since.has(event.eventId)) await events.place(writer, event, event.fields);
      kept = still.map(({ event }) => event).filter((event) => !since.has(event.eventId));
      await events.insertMany(writer, kept);
      const accepted = still.filter(({ event, refusal }) => event.isState && !refusal);
      await graph.addMany(
        writer,
        accepted.map(({ event, authIds }) => ({
          event: event.nid,
          stateKey: event.fields.stateKeyNid as StateKeyNid,
          authEvents: authIds.map((id) => this.#nids.get(id) as EventNid),
          isNew: !since.has(event.eventId),
        })),
      );
      for (const { event, refusal } of still) if (refusal) await events.noteRefusal(writer, event.nid, refusal);
    });
    if (this.#teller !== undefined)
      await hidden.charge(
        this.#teller,
        this.#scope.room,
        kept.map(({ fields }) => fields),
      );
    for (const { event } of judged) {
      this.#onStored?.(this.#fresh.get(event.eventId) as StoredEvent);
      this.#fresh.delete(event.eventId);
    }
  }

  /** State events that rest on others which can't be checked yet. */
  async #keepLacking(): Promise<void> {
    const { unproven } = this.#parts;
    if (this.#waiting.size === 0 || !(await unproven.waits(this.#scope.roomId))) return;
    const lacking = [...this.#waiting.values()]
      .map(({ checked }) => unpack(checked))
      .filter(({ pdu, refusal }) => pdu.state_key !== undefined && refusal === undefined);
    await unproven.keep(
      this.#scope.roomId,
      lacking.map(({ eventId, json }) => ({ eventId, server: '', json })),
    );
  }
}

/** Not here, or here without having been checked. */
function isUnchecked(event: StoredEvent | undefined): boolean {
  return event === undefined || (event.fields.status & eventStatus.unchecked) !== 0;
}
