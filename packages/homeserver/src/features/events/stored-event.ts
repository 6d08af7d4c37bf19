import { parseJson, type EventWithId, type JsonObject, type Pdu } from '@myelin/protocol';
import type { EventNid, RoomNid, StateKeyNid, UserNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import { contentSpan } from './content-span.ts';

/** Bits of an event's status. */
export const eventStatus = {
  /** Known, but not part of the timeline that we follow (state of a room at a join, auth events). */
  outlier: 1,
  /** Refused by the authorization rules at its own place; kept with the reason, never shown, never state. */
  rejected: 2,
  /** Allowed at its own place, refused by the current state: kept for the graph, never shown. Server-Server API §5.2.4. */
  softFailed: 4,
  /** An outlier that nobody could check against its auth events yet (invites to rooms that the server isn't in). */
  unchecked: 8,
} as const;

export interface StoredEventFields {
  readonly nid: EventNid;
  readonly eventId: string;
  readonly room: RoomNid;
  readonly roomId: string;
  readonly type: string;
  readonly senderNid: UserNid;
  readonly sender: string;
  readonly stateKeyNid: StateKeyNid | undefined;
  readonly stateKey: string | undefined;
  readonly depth: number;
  readonly originServerTs: number;
  /** Place in the stream; undefined for events outside of timelines; negative for history that was fetched later. */
  readonly position: number | undefined;
  readonly stateBefore: StateRoot;
  readonly stateAfter: StateRoot;
  readonly status: number;
  readonly redactedBy: EventNid | undefined;
  /** The event in federation format, as it was hashed; if it was redacted, what remained of it. */
  readonly json: string;
  /** If the event was redacted: the text as it was before. */
  readonly unredactedJson: string | undefined;
  readonly contentStart: number;
  readonly contentEnd: number;
}

/** An event as it is kept: what the server asks of it most in fields, the rest in its text. Never changed in place. */
export class StoredEvent {
  readonly fields: StoredEventFields;
  readonly nid: EventNid;
  readonly eventId: string;
  readonly room: RoomNid;
  readonly roomId: string;
  readonly type: string;
  readonly sender: string;
  readonly senderNid: UserNid;
  readonly stateKey: string | undefined;
  readonly position: number | undefined;
  #content: JsonObject | undefined;
  #pdu: Pdu | undefined;

  constructor(fields: StoredEventFields) {
    this.fields = fields;
    this.nid = fields.nid;
    this.eventId = fields.eventId;
    this.room = fields.room;
    this.roomId = fields.roomId;
    this.type = fields.type;
    this.sender = fields.sender;
    this.senderNid = fields.senderNid;
    this.stateKey = fields.stateKey;
    this.position = fields.position;
  }

  get isState(): boolean {
    return this.fields.stateKeyNid !== undefined;
  }

  /** As the protocol's functions ask for it. */
  get rejected(): boolean {
    return this.isRejected;
  }

  get isRejected(): boolean {
    return (this.fields.status & eventStatus.rejected) !== 0;
  }

  get isOutlier(): boolean {
    return (this.fields.status & eventStatus.outlier) !== 0;
  }

  get isSoftFailed(): boolean {
    return (this.fields.status & eventStatus.softFailed) !== 0;
  }

  /** Whether clients may see it at all (history visibility comes on top). */
  get isShown(): boolean {
    return (this.fields.status & (eventStatus.rejected | eventStatus.softFailed | eventStatus.outlier)) === 0;
  }

  /** The text of `content` as it was sent, or what a redaction left of it. */
  get contentText(): string {
    return this.fields.json.slice(this.fields.contentStart, this.fields.contentEnd);
  }

  /** The parsed content as it was sent, or what a redaction left of it. Shared: don't change it. */
  get content(): JsonObject {
    return (this.#content ??= parseStored(this.contentText));
  }

  /** The whole event as parsed JSON. Shared: don't change it. */
  get pdu(): Pdu {
    return (this.#pdu ??= parseStored(this.fields.json) as Pdu);
  }

  /** The whole event before any redaction: for what counts as of an earlier time. Shared: don't change it. */
  get unredactedPdu(): Pdu {
    const { unredactedJson } = this.fields;
    return unredactedJson === undefined ? this.pdu : (parseStored(unredactedJson) as Pdu);
  }

  /** The same event as if this text were all that a redaction had left of it. */
  pruned(json: string): StoredEvent {
    const [contentStart, contentEnd] = contentSpan(json);
    return this.with({
      json,
      unredactedJson: this.fields.unredactedJson ?? this.fields.json,
      contentStart,
      contentEnd,
    });
  }

  /** The same event with other fields. */
  with(changes: Partial<StoredEventFields>): StoredEvent {
    return new StoredEvent({ ...this.fields, ...changes });
  }
}

/**
 * An event as the authorization rules ask for it. Of member events only the content is parsed: a large room has many, and
 * what is parsed stays in memory with the event.
 */
export function forRules(event: StoredEvent): EventWithId {
  if (event.type !== 'm.room.member' || event.stateKey === undefined) return event;
  const { eventId, rejected, type, sender, roomId, stateKey, content } = event;
  return { eventId, rejected, pdu: { type, sender, room_id: roomId, state_key: stateKey, content } as unknown as Pdu };
}

/** Not JSON.parse: it loses numbers that old room versions have, and misreads escaped keys. */
function parseStored(text: string): JsonObject {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error('The text of a stored event is not JSON');
  return parsed.value as JsonObject;
}
