import type { Pdu, UnsignedPdu } from '../events/event.ts';
import type { JsonObject } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';
import { CanonicalEvent } from './canonical-event.ts';
import { eventIdFromReferenceHash } from './event-id.ts';
import type { SigningKey } from './keys.ts';
import { addSignature } from './sign-json.ts';

export interface SignedEvent {
  readonly event: Pdu;
  readonly eventId: string;
  /** The canonical JSON of the event without `unsigned`: what is stored and sent to other servers. */
  readonly text: string;
}

/**
 * Completes an event of this server: content hash, id, signature (Server-Server API, "Adding hashes and signatures to
 * outgoing events"). Hashes and signatures that it has already are replaced. Throws CanonicalJsonError.
 */
export function hashAndSignEvent(
  event: UnsignedPdu,
  version: RoomVersion,
  serverName: string,
  key: SigningKey,
): SignedEvent {
  const canonical = CanonicalEvent.of(event, version);
  return addOwnSignature(canonical.with('hashes', { sha256: canonical.contentHash() }), {}, version, serverName, key);
}

/**
 * Adds this server's signature to an event that is hashed already: an invite that another server asks to sign, a join
 * that this server authorises. Throws CanonicalJsonError.
 */
export function signEvent(event: Pdu, version: RoomVersion, serverName: string, key: SigningKey): SignedEvent {
  return addOwnSignature(CanonicalEvent.of(event, version), event.signatures, version, serverName, key);
}

function addOwnSignature(
  hashed: CanonicalEvent,
  signatures: JsonObject,
  version: RoomVersion,
  serverName: string,
  key: SigningKey,
): SignedEvent {
  const signature = key.sign(hashed.signableText());
  const signed = hashed.with('signatures', addSignature(signatures, serverName, key.keyId, signature));
  const event = signed.event as Pdu;
  return {
    event,
    eventId:
      version.eventIdFormat === 'sender-chosen'
        ? (event.event_id as string)
        : eventIdFromReferenceHash(hashed.referenceHash(), version),
    text: signed.textWithoutUnsigned(),
  };
}
