import type { JsonObject } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';
import { CanonicalEvent } from './canonical-event.ts';

/** The content hash of an event, in unpadded base64. Throws CanonicalJsonError. */
export function contentHash(event: JsonObject, version: RoomVersion): string {
  return CanonicalEvent.of(event, version).contentHash();
}

/** The reference hash of an event, in standard unpadded base64. Throws CanonicalJsonError. */
export function referenceHash(event: JsonObject, version: RoomVersion): string {
  return CanonicalEvent.of(event, version).referenceHash();
}

/** The id of an event: its reference hash, or what the sender chose in room versions 1 and 2. Throws CanonicalJsonError. */
export function eventIdOf(event: JsonObject, version: RoomVersion): string {
  if (version.eventIdFormat === 'sender-chosen') return event['event_id'] as string;
  return eventIdFromReferenceHash(referenceHash(event, version), version);
}

export function eventIdFromReferenceHash(base64: string, version: RoomVersion): string {
  const hash = version.eventIdFormat === 'base64' ? base64 : base64.replaceAll('+', '-').replaceAll('/', '_');
  // Joined, not added up: ids live long, and V8 keeps a sum as its parts, which takes three times the memory.
  return ['$', hash].join('');
}
