import type { Pdu } from './event.ts';
import type { RoomVersion } from '../room-versions.ts';
import { requiredSigners, serverOf } from '../signing/required-signers.ts';

export const maxEventBytes = 65_536;
/**
 * For events of this server: Synapse counts `"unsigned":{}` and a comma with every event that it receives.
 */
export const maxOwnEventBytes = maxEventBytes - 14;
export const maxPrevEvents = 20;
/** In version 12 the create event, which isn't named, doesn't count. */
export const maxAuthEvents = 10;
const maxKeyLength = 255;

export interface LimitProblem {
  readonly reason: 'event-over-65536-bytes' | 'field-over-255' | 'signature-missing' | 'signers-unclear';
  /** Which member is too long, or whose signature is missing. */
  readonly detail?: string;
  /**
   * Whether to keep the event as a rejected one, because other servers do: it may be named by events that come later.
   * Otherwise it is dropped.
   */
  readonly storeAsRejected: boolean;
}

export function findReferencesProblem(event: Pdu): 'too-many-prev-events' | 'too-many-auth-events' | undefined {
  if (event.prev_events.length > maxPrevEvents) return 'too-many-prev-events';
  return event.auth_events.length > maxAuthEvents ? 'too-many-auth-events' : undefined;
}

/**
 * Sizes (Client-Server API, "Size limits") and whether the servers that must sign are among `signatures`, without
 * checking these. `bytes` is the size of the event as canonical JSON.
 */
export function findLimitProblem(
  event: Pdu,
  eventId: string,
  bytes: number,
  version: RoomVersion,
): LimitProblem | undefined {
  if (bytes > maxEventBytes) return { reason: 'event-over-65536-bytes', storeAsRejected: false };
  return findLongMember(event, eventId, version) ?? findMissingSignature(event, version);
}

const limitedMembers = ['sender', 'room_id', 'state_key', 'type', 'event_id'] as const;

function findLongMember(event: Pdu, eventId: string, version: RoomVersion): LimitProblem | undefined {
  let overInBytes: LimitProblem | undefined;
  for (const detail of limitedMembers) {
    const text = detail === 'event_id' ? eventId : event[detail];
    // UTF-8 has at most three bytes for a UTF-16 unit.
    if (text === undefined || text.length * 3 <= maxKeyLength || Buffer.byteLength(text) <= maxKeyLength) continue;
    const storeAsRejected = !version.strictByteLimits && !hasMoreCodePoints(text, maxKeyLength);
    const problem: LimitProblem = { reason: 'field-over-255', detail, storeAsRejected };
    if (!storeAsRejected) return problem;
    overInBytes ??= problem;
  }
  return overInBytes;
}

function hasMoreCodePoints(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > limit * 2) return true;
  return [...text].length > limit;
}

function findMissingSignature(event: Pdu, version: RoomVersion): LimitProblem | undefined {
  const servers = requiredSigners(event, version);
  if (!Array.isArray(servers)) return { reason: 'signers-unclear', detail: servers, storeAsRejected: false };
  // Whoever chose the event id must be among them even if nothing is to be verified, as in a third-party invite.
  const origin = version.eventIdFormat === 'sender-chosen' ? serverOf(event.event_id) : undefined;
  const expected = origin === undefined ? servers : [...servers, origin];
  const missing = expected.find((server) => !Object.hasOwn(event.signatures, server));
  if (missing === undefined) return undefined;
  return { reason: 'signature-missing', detail: missing, storeAsRejected: false };
}
