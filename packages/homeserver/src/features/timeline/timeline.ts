import type { Database, Writer } from '@myelin/database';
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
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import { emptyState, type StateMaps, type StateRoot } from '../state-map/index.ts';
import type { Streams } from '../streams/index.ts';
import type { AuthStates, LoadedAuthState } from './auth-states.ts';
import type { EventDraft } from './event-draft.ts';
import type { EventSigner, SignedEvent } from './event-signer.ts';
import type { LocalPdu } from './local-pdu.ts';
import type { EventProjection, StateKeyChange } from './projection.ts';
import { refusalOf } from './refusal.ts';
import type { RoomHead, RoomHeads } from './room-heads.ts';
import type { RoomStates } from './room-state.ts';
import type { RoomWriters } from './room-writers.ts';

export interface TimelineParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly states: RoomStates;
  readonly streams: Streams;
  readonly heads: RoomHeads;
  readonly writers: RoomWriters;
  readonly authStates: AuthStates;
  readonly signer: EventSigner;
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
const noChanges: readonly StateKeyChange[] = [];

/** The way of events into rooms: each is authorized, hashed, signed, stored and told, in one transaction. */
export class Timeline {
  readonly #parts: TimelineParts;
  readonly #projections: EventProjection[] = [];

  constructor(parts: TimelineParts) {
    this.#parts = parts;
  }

  /** Adds a feature that keeps tables about events. All are added before the first event. */
  addProjection(projection: EventProjection): void {
    this.#projections.push(projection);
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
   * call returns.
   */
  write<T>(room: RoomNid, job: (writer: Writer, head: RoomHead) => Promise<T>): Promise<T> {
    return this.#parts.writers.run(room, async (writer) => job(writer, await this.head(room, writer)));
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
    const { names, heads } = this.#parts;
    const { pdu, signed } = await this.#signCreate(writer, version, roomId, draft);
    const id = roomId ?? `!${signed.eventId.slice(1)}`;
    const room = await names.room(writer, id);
    const start: RoomHead = { room, roomId: id, version, state: emptyState, extremities: [] };
    const { event, head } = await this.#store(writer, start, draft, pdu, signed);
    await heads.create(writer, head);
    await this.#project(writer, event, head, undefined);
    return { event, head, isDuplicate: false };
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
    const { authStates, heads, states, signer } = this.#parts;
    const { version } = head;
    const previous = head.extremities.slice(0, mostPrevEvents);
    const subject = { ...this.#pdu(draft, head.roomId, version), prev_events: references(previous, version) };
    const auth = await authStates.load(head, subject, writer);
    this.#authorize(subject, auth, version);

    let replaced: StoredEvent | undefined;
    if (draft.stateKey !== undefined) {
      replaced = await states.get(head.state, draft.type, draft.stateKey, writer);
      if (replaced && isSameState(replaced, draft)) return { event: replaced, head, isDuplicate: true };
    }
    const depth = Math.min(largestDepth, Math.max(0, ...previous.map((event) => event.fields.depth)) + 1);
    const pdu: LocalPdu = {
      ...subject,
      depth,
      auth_events: references(auth.authEvents, version),
    };
    const stored = await this.#store(writer, head, draft, pdu, signer.sign(pdu, version));
    await heads.update(writer, stored.head);
    await this.#project(writer, stored.event, stored.head, replaced);
    return { ...stored, isDuplicate: false };
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
  ): Promise<{ event: StoredEvent; head: RoomHead }> {
    const { events, maps, names, streams } = this.#parts;
    const nid = events.takeNid();
    let stateAfter: StateRoot = head.state;
    let stateKeyNid;
    let users: UserNid[] | undefined;
    if (draft.stateKey !== undefined) {
      stateKeyNid = await names.stateKey(writer, draft.type, draft.stateKey);
      stateAfter = await maps.apply(writer, head.state, [{ key: stateKeyNid, event: nid }]);
      if (draft.type === 'm.room.member') users = [await names.user(writer, draft.stateKey)];
    }
    const position = streams.next(writer, { kind: 'event', room: head.room, event: nid, ...(users ? { users } : {}) });
    const event = await events.insert(writer, nid, {
      eventId: signed.eventId,
      room: head.room,
      roomId: head.roomId,
      type: draft.type,
      senderNid: draft.senderNid,
      sender: draft.sender,
      stateKeyNid,
      stateKey: draft.stateKey,
      depth: pdu.depth,
      originServerTs: pdu.origin_server_ts,
      position,
      stateBefore: head.state,
      stateAfter,
      status: 0,
      json: signed.json,
    });
    return { event, head: { ...head, state: stateAfter, extremities: [event] } };
  }

  async #project(writer: Writer, event: StoredEvent, head: RoomHead, replaced: StoredEvent | undefined): Promise<void> {
    const { stateKeyNid: key } = event.fields;
    const changes = key === undefined ? noChanges : [{ key, before: replaced, after: event }];
    for (const projection of this.#projections) await projection.apply(writer, event, { head, replaced, changes });
  }
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
