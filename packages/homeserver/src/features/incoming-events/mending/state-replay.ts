import type { Database, Reader, Writer } from '@myelin/database';
import { prevEventIds } from '@myelin/protocol';
import { eventStatus, type Events, type StoredEvent } from '../../events/index.ts';
import type { EventNid } from '../../names/index.ts';
import type { PartialEvent } from '../../partial-rooms/index.ts';
import type { StateMaps, StateRoot } from '../../state-map/index.ts';
import { viewOf, type ResolutionScope, type StateResolver, type StateView } from '../../state-resolution/index.ts';
import { idsOfAuthEvents, type EventJudge } from '../checking/event-judge.ts';
import { MissingEventsError } from '../missing-events-error.ts';
import { inGraphOrder } from '../prev-events.ts';

export interface StateReplayParts {
  readonly database: Database;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: StateResolver;
  readonly judge: EventJudge;
}

/** What becomes of an event when it is judged by states that have all members. */
export interface Replayed {
  readonly before: StoredEvent;
  /** The event with its new states and status. One that isn't rejected any more has no position yet. */
  readonly after: StoredEvent;
  readonly refusal: readonly [code: string, reason: string] | undefined;
}

/** Finds out anew which states events meet, and judges them by these: all events whose states lacked members, in their order. */
export class StateReplay {
  readonly #parts: StateReplayParts;
  readonly #scope: ResolutionScope;
  readonly #done: Map<EventNid, Replayed>;
  readonly #byId = new Map<string, Replayed>();
  /** Events that count now and didn't before, or the other way round. */
  readonly #changed: StoredEvent[] = [];

  constructor(parts: StateReplayParts, scope: ResolutionScope, done: Iterable<Replayed> = []) {
    this.#parts = parts;
    this.#scope = scope;
    this.#done = new Map();
    for (const each of done) this.#add(each);
  }

  /** What was done so far, behind what comes before it. */
  get done(): ReadonlyMap<EventNid, Replayed> {
    return this.#done;
  }

  /** The same, to go on from here without changing this one. */
  copy(): StateReplay {
    return new StateReplay(this.#parts, this.#scope, this.#done.values());
  }

  /** Adds events. `writer`: a transaction, else each piece has its own. Throws MissingEventsError. */
  async run(partial: readonly PartialEvent[], writer?: Writer): Promise<void> {
    const { events } = this.#parts;
    const open = partial.filter(({ event }) => !this.#done.has(event));
    if (open.length === 0) return;
    const stored = await events.getMany(
      open.map(({ event }) => event),
      writer,
    );
    const told = new Map(open.map((each) => [each.event, each.told]));
    for (const event of inGraphOrder(this.#scope, [...stored.values()]))
      this.#add(await this.#replay(event, told.get(event.nid) ?? new Map(), writer));
  }

  #add(replayed: Replayed): void {
    this.#done.set(replayed.before.nid, replayed);
    this.#byId.set(replayed.before.eventId, replayed);
    if (isOther(replayed)) this.#changed.push(replayed.after);
  }

  async #replay(event: StoredEvent, told: PartialEvent['told'], writer: Writer | undefined): Promise<Replayed> {
    const { resolver } = this.#parts;
    const views: StateView[] = [];
    for (const id of new Set(prevEventIds(event.pdu, this.#scope.version)))
      views.push(viewOf(told.get(id) ?? (await this.#stateAfter(id, writer))));
    const options = { pending: this.#changed, ...(writer && { reader: writer }) };
    const resolved = await resolver.resolve(this.#scope, views, options);
    const stateBefore =
      resolved.changes.length === 0
        ? resolved.root
        : await this.#write(writer, (each) => resolver.store(each, resolved));
    const refusal = await this.#refusal(event, stateBefore, writer);
    const key = event.fields.stateKeyNid;
    const stateAfter =
      refusal || key === undefined
        ? stateBefore
        : await this.#write(writer, (each) => this.#parts.maps.apply(each, stateBefore, [{ key, event: event.nid }]));
    const status = refusal ? eventStatus.rejected : event.fields.status & ~eventStatus.rejected;
    const position = refusal ? undefined : event.position;
    return { before: event, after: event.with({ stateBefore, stateAfter, status, position }), refusal };
  }

  async #stateAfter(eventId: string, reader: Reader | undefined): Promise<StateRoot> {
    const replayed = this.#byId.get(eventId);
    if (replayed) return replayed.after.fields.stateAfter;
    const event = await this.#parts.events.find(eventId, reader);
    if (!event || event.isOutlier || event.room !== this.#scope.room)
      throw new MissingEventsError('The state at an event that is missing here is not known');
    return event.fields.stateAfter;
  }

  async #refusal(
    event: StoredEvent,
    stateBefore: StateRoot,
    reader: Reader | undefined,
  ): Promise<readonly [code: string, reason: string] | undefined> {
    const { events, judge } = this.#parts;
    if (event.isRejected && (await events.refusal(event.nid, reader))?.code === 'format')
      return ['format', 'Its format is wrong'];
    const subject = { pdu: event.unredactedPdu };
    const authEvents = [...(await events.findMany(idsOfAuthEvents(this.#scope, subject), reader)).values()];
    const now = authEvents.map((each) => this.#done.get(each.nid)?.after ?? each);
    const chosen = judge.byAuthEvents(this.#scope, subject, now);
    if (!chosen.allowed) return [chosen.reason, chosen.message];
    const decision = await judge.byState(this.#scope, subject, viewOf(stateBefore), reader);
    return decision.allowed ? undefined : [decision.reason, decision.message];
  }

  #write<T>(writer: Writer | undefined, job: (writer: Writer) => Promise<T>): Promise<T> {
    return writer ? job(writer) : this.#parts.database.transact(job);
  }
}

/** Whether the event counts now and didn't before, or the other way round. */
export function isOther({ before, after }: Replayed): boolean {
  return before.isRejected !== after.isRejected;
}
