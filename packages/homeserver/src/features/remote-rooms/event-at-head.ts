import { MatrixError } from '@myelin/api';
import {
  checkEventAuth,
  maxPrevEvents,
  parseJson,
  referenceHash,
  type EventReference,
  type JsonObject,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { Database } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { AuthStates, EventSigner, RoomHead } from '../timeline/index.ts';

export interface EventAtHeadParts {
  readonly database: Database;
  readonly serverName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly authStates: AuthStates;
  readonly signer: EventSigner;
}

export interface MemberDraft {
  readonly sender: string;
  readonly target: string;
  readonly content: JsonObject;
}

/** A membership event of ours that follows what a room has, signed and not stored: another server is to sign it first. */
export interface EventAtHead {
  readonly version: RoomVersion;
  readonly eventId: string;
  readonly pdu: Pdu;
}

/** Throws M_FORBIDDEN if the rules don't allow it by the room's state. */
export async function memberEventAtHead(
  parts: EventAtHeadParts,
  head: RoomHead,
  { sender, target, content }: MemberDraft,
): Promise<EventAtHead> {
  const { database, serverName, clock, random, authStates, signer } = parts;
  const { version } = head;
  const before = head.extremities.slice(0, maxPrevEvents);
  const event = {
    auth_events: [] as EventReference[],
    content,
    depth: Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, ...before.map((each) => each.fields.depth)) + 1),
    origin_server_ts: clock.now(),
    prev_events: references(before, version),
    room_id: head.roomId,
    sender,
    state_key: target,
    type: 'm.room.member',
    ...(version.eventIdFormat === 'sender-chosen' ? { event_id: `$${randomString(random, 24)}:${serverName}` } : {}),
  };
  const auth = await authStates.load(head, event, database.reader);
  const decision = checkEventAuth(event, auth.state, version, auth.levels);
  if (!decision.allowed) throw new MatrixError('M_FORBIDDEN', decision.message);
  event.auth_events = references(auth.authEvents, version);
  const { eventId, json } = signer.sign(event, version);
  const parsed = parseJson(json);
  if (!parsed.ok) throw new Error('An event that was just signed is not JSON');
  return { version, eventId, pdu: parsed.value as Pdu };
}

function references(events: readonly StoredEvent[], version: RoomVersion): EventReference[] {
  if (version.eventReferences === 'id') return events.map((event) => event.eventId);
  return events.map((event) => [event.eventId, { sha256: referenceHash(event.pdu, version) }]);
}
