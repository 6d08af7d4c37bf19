import type { Writer } from '@myelin/database';
import { MatrixError } from '@myelin/api';
import {
  canonicalJson,
  checkEventAuth,
  isJsonObject,
  referenceHash,
  type EventReference,
  type RoomVersion,
} from '@myelin/protocol';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import { asStored, type Events, type StoredEvent } from '../events/index.ts';
import type { EventNid, Names, RoomNid } from '../names/index.ts';
import { emptyState, type StateRoot } from '../state-map/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import { viewOf, type StateResolver } from '../state-resolution/index.ts';
import { ApprovedWrites, type Approvals } from './approved-writes.ts';
import type { AuthStates, LoadedAuthState } from './auth-states.ts';
import type { EventDraft } from './event-draft.ts';
import type { EventPlacer, Placed, UnplacedEvent } from './event-placer.ts';
import type { EventSigner, SignedEvent } from './event-signer.ts';
import type { LocalPdu } from './local-pdu.ts';
import type { EventProjection } from './projection.ts';
import { refusalOf } from './refusal.ts';
import { stateAfterAll } from './room-ends.ts';
import type { RoomHead, RoomHeads } from './room-heads.ts';
import type { RoomStates } from './room-state.ts';
import type { RoomWriters } from './room-writers.ts';

export interface TimelineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly names: Names;
  readonly events: Events;
  readonly states: RoomStates;
  readonly resolver: StateResolver;
  readonly placer: EventPlacer;
  readonly heads: RoomHeads;
  readonly writers: RoomWriters;
  readonly authStates: AuthStates;
  readonly signer: EventSigner;
  readonly partialRooms: PartialRooms;
}

export interface Appended {
  readonly event: StoredEvent;
  readonly head: RoomHead;
  /** The state was like this already: nothing was stored, `event` is the one that stands. */
  readonly isDuplicate: boolean;
}

/** Most events that a new event names as those before it. Server-Server API §4.1 allows 20. */
const mostPrevEvents = 20;
const largestDepth = Number.MAX_SAFE_INTEGER;

/** The way of events into rooms: each is authorized, hashed, signed, stored and told, in one transaction. */
export class Timeline {
  readonly #parts: TimelineParts;
  readonly #approved: ApprovedWrites;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
    this.#approved = new ApprovedWrites(parts.writers);
  }

  /** Says who must sign which events before they are sent. Before the first event. */
  askForApproval(approvals: Approvals): void {
    this.#approved.ask(approvals);
  }

  /** Adds a feature that keeps tables about events. All are added before the first event. */
  addProjection(projection: EventProjection): void {
    this.#parts.placer.addProjection(projection);
  }

  /** Where the room stands. Throws M_NOT_FOUND for a room that the server doesn't know. */
  async head(room: RoomNid, writer?: Writer): Promise<RoomHead> {
    const head = await this.#parts.heads.find(room, writer);
    if (!head) throw new MatrixError('M_NOT_FOUND', 'Unknown room');
    return head;
  }

  /** Whether the server knows the room. */
  async isKnown(room: RoomNid, writer?: Writer): Promise<boolean> {
    return (await this.#parts.heads.find(room, writer)) !== undefined;
  }

  /** Appends one event of a local user; resolves when it is durable. Throws M_FORBIDDEN if the rules don't allow it. */
  async append(room: RoomNid, draft: EventDraft): Promise<StoredEvent> {
    return this.write(room, async (writer, head) => (await this.appendIn(writer, head, draft)).event);
  }

  /**
   * Runs `job` in a transaction as the room's only writer. The job appends with `appendIn`, passing on the head that each
   * call returns. Jobs must bear to be run again.
   */
  write<T>(room: RoomNid, job: (writer: Writer, head: RoomHead) => Promise<T>): Promise<T> {
    return this.#approved.run(room, async (writer) => job(writer, await this.head(room, writer)));
  }

  /**
   * Makes a room from its create event; returns its head. `roomId` is absent where the version makes it from the event
   * (version 12 and up).
   */
  async createIn(
    writer: Writer,
    version: RoomVersion,
    roomId: string | undefined,
    draft: EventDraft,
  ): Promise<Appended> {
    const { names } = this.#parts;
    const { pdu, signed } = await this.#signCreate(writer, version, roomId, draft);
    const id = roomId ?? `!${signed.eventId.slice(1)}`;
    const room = await names.room(writer, id);
    const start: RoomHead = { room, roomId: id, version, state: emptyState, extremities: [] };
    const placed = await this.#store(writer, start, draft, pdu, signed, [], { state: emptyState, others: [] });
    return { ...placed, isDuplicate: false };
  }

  /**
   * Where the room's id is made from its create event, two rooms that a user makes alike in the same millisecond would be
   * one: the later one is said to be a moment younger.
   */
  async #signCreate(
    writer: Writer,
    version: RoomVersion,
    roomId: string | undefined,
    draft: EventDraft,
  ): Promise<{ pdu: LocalPdu; signed: SignedEvent }> {
    const pdu = this.#pdu(draft, roomId, version);
    const decision = checkEventAuth(pdu, { get: () => undefined }, version);
    if (!decision.allowed) throw refusalOf(decision);
    for (;;) {
      const signed = this.#parts.signer.sign(pdu, version);
      if ((await this.#parts.events.findNid(signed.eventId, writer)) === undefined) return { pdu, signed };
      pdu.origin_server_ts++;
    }
  }

  /** Appends an event inside a transaction of `write`. */
  async appendIn(writer: Writer, head: RoomHead, draft: EventDraft): Promise<Appended> {
    const { authStates, states, signer, partialRooms, resolver } = this.#parts;
    const { version } = head;
    const { previous, others } = chooseBefore(head);
    const subject = { ...this.#pdu(draft, head.roomId, version), prev_events: references(previous, version) };
    this.#approved.pin(writer, subject);
    const lacksMembers = others.length > 0 && (await partialRooms.lackMembers(head.room, head.extremities, writer));
    const state =
      others.length === 0 ? head.state : await stateAfterAll(resolver, writer, head, previous, lacksMembers);
    const auth = await authStates.load({ version, state }, subject, writer);
    this.#authorize(subject, auth, version);
    if (state !== head.state) this.#authorize(subject, await authStates.load(head, subject, writer), version);

    if (draft.stateKey !== undefined) {
      const replaced = await states.get(head.state, draft.type, draft.stateKey, writer);
      if (replaced && isSameState(replaced, draft)) return { event: replaced, head, isDuplicate: true };
    }
    const depth = Math.min(largestDepth, Math.max(0, ...previous.map((event) => event.fields.depth)) + 1);
    const pdu: LocalPdu = {
      ...subject,
      depth,
      auth_events: references(auth.authEvents, version),
    };
    const own = signer.sign(pdu, version);
    const signed = this.#approved.isWatched(writer) ? await this.#approved.signed(writer, head, pdu, own) : own;
    const authEvents = auth.authEvents.map((event) => event.nid);
    const placed = await this.#store(writer, head, draft, pdu, signed, authEvents, { state, others, lacksMembers });
    await partialRooms.follow(writer, head.room, placed.event.nid, previous);
    return { ...placed, isDuplicate: false };
  }

  #authorize(subject: LocalPdu, auth: LoadedAuthState, version: RoomVersion): void {
    const decision = checkEventAuth(subject, auth.state, version, auth.levels);
    if (!decision.allowed) throw refusalOf(decision);
  }

  #pdu(draft: EventDraft, roomId: string | undefined, version: RoomVersion): LocalPdu {
    const { clock, random, signer } = this.#parts;
    const pdu: LocalPdu = {
      auth_events: [],
      content:
        draft.redacts !== undefined && version.redactsInContent
          ? { ...draft.content, redacts: draft.redacts }
          : draft.content,
      depth: 1,
      origin_server_ts: draft.originServerTs ?? clock.now(),
      prev_events: [],
      sender: draft.sender,
      type: draft.type,
    };
    if (roomId !== undefined) pdu.room_id = roomId;
    if (draft.stateKey !== undefined) pdu.state_key = draft.stateKey;
    if (draft.redacts !== undefined && !version.redactsInContent) pdu.redacts = draft.redacts;
    if (version.eventIdFormat === 'sender-chosen')
      pdu.event_id = `$${randomString(random, 24)}:${signer.identity.serverName}`;
    return pdu;
  }

  async #store(
    writer: Writer,
    head: RoomHead,
    draft: EventDraft,
    pdu: LocalPdu,
    signed: SignedEvent,
    authEvents: readonly EventNid[],
    before: { state: StateRoot; others: readonly StoredEvent[]; lacksMembers?: boolean },
  ): Promise<Placed> {
    const { names, placer, resolver } = this.#parts;
    const event: UnplacedEvent = {
      eventId: signed.eventId,
      room: head.room,
      roomId: head.roomId,
      type: draft.type,
      senderNid: draft.senderNid,
      sender: draft.sender,
      stateKeyNid: draft.stateKey === undefined ? undefined : await names.stateKey(writer, draft.type, draft.stateKey),
      stateKey: draft.stateKey,
      depth: pdu.depth,
      originServerTs: pdu.origin_server_ts,
      json: signed.json,
    };
    const nid = placer.takeNid();
    const stateAfter = await placer.stateAfter(writer, before.state, nid, event);
    let state = stateAfter;
    if (before.others.length > 0) {
      const views = [stateAfter, ...before.others.map((other) => other.fields.stateAfter)].map(viewOf);
      const pending = [
        asStored(nid, { ...event, stateBefore: before.state, stateAfter, position: undefined, status: 0 }),
      ];
      const options = { pending, reader: writer, lacksMembers: before.lacksMembers ?? false };
      state = await resolver.store(writer, await resolver.resolve(head, views, options));
    }
    const next = { stateBefore: before.state, stateAfter, state, others: before.others, isExtremity: true };
    return placer.newest(writer, head, nid, event, authEvents, next, {
      way: 'sent',
      isNew: head.extremities.length === 0,
    });
  }
}

/** Which extremities a new event names, the deepest if there are too many, and which stay. */
function chooseBefore({ extremities }: RoomHead): {
  previous: readonly StoredEvent[];
  others: readonly StoredEvent[];
} {
  if (extremities.length <= mostPrevEvents) return { previous: extremities, others: [] };
  const sorted = extremities.toSorted((a, b) => b.fields.depth - a.fields.depth || a.nid - b.nid);
  return { previous: sorted.slice(0, mostPrevEvents), others: sorted.slice(mostPrevEvents) };
}

/** Sending the same state again changes nothing and makes no event. */
function isSameState(current: StoredEvent, draft: EventDraft): boolean {
  if (current.sender !== draft.sender || !isJsonObject(draft.content)) return false;
  try {
    return current.contentText === canonicalJson(draft.content, 'lenient');
  } catch {
    return false;
  }
}

function references(events: readonly StoredEvent[], version: RoomVersion): EventReference[] {
  if (version.eventReferences === 'id') return events.map((event) => event.eventId);
  return events.map((event) => [event.eventId, { sha256: referenceHash(event.pdu, version) }]);
}
