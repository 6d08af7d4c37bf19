import type { Pdu } from '../events/event.ts';
import { getOwn } from '../json/value.ts';
import { redactEvent } from '../redaction/redact.ts';
import type { RoomVersion } from '../room-versions.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { CanonicalEvent } from './canonical-event.ts';
import { requiredSigners, type SignersProblem } from './required-signers.ts';
import { verifySignatures, type FindVerifyKey, type IsGoodSignature } from './sign-json.ts';

/** What to do with an event after its signatures and its content hash were checked. */
export type EventVerdict =
  /** Go on with the event. */
  | { readonly verdict: 'accepted'; readonly event: Pdu }
  /** The signatures are good but the content hash isn't: go on with the redacted copy, which has the same id. */
  | { readonly verdict: 'redacted'; readonly event: Pdu }
  | {
      readonly verdict: 'rejected';
      readonly reason: SignersProblem | 'signature-not-verified' | 'sha256-missing' | 'hash-not-base64';
      /** Whose signature isn't good. */
      readonly server?: string;
    };

/**
 * Checks the signatures and the content hash of an event whose format was checked (Server-Server API, "Validating hashes
 * and signatures on received events"). `findKey` gives the keys that are known and valid at the event's time (see
 * `enforceKeyValidity`); signatures by others are passed over. `isGood` may know of signatures already whether they are
 * good. Throws CanonicalJsonError.
 */
export function verifyEvent(
  event: Pdu,
  version: RoomVersion,
  findKey: FindVerifyKey,
  canonical: CanonicalEvent = CanonicalEvent.of(event, version),
  isGood?: IsGoodSignature,
): EventVerdict {
  const servers = requiredSigners(event, version);
  if (!Array.isArray(servers)) return { verdict: 'rejected', reason: servers };
  for (const server of servers) {
    if (verifySignatures(canonical.signableText(), event.signatures, server, findKey, isGood) !== undefined) {
      return { verdict: 'rejected', reason: 'signature-not-verified', server };
    }
  }
  const claimed = getOwn(event.hashes, 'sha256');
  if (typeof claimed !== 'string') return { verdict: 'rejected', reason: 'sha256-missing' };
  const bytes = decodeBase64(claimed);
  if (!bytes) return { verdict: 'rejected', reason: 'hash-not-base64' };
  if (encodeBase64(bytes) === canonical.contentHash()) return { verdict: 'accepted', event };
  return { verdict: 'redacted', event: redactEvent(event, version) };
}
