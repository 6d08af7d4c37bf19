import type { Pdu } from '../events/event.ts';
import { getOwn } from '../json/value.ts';
import { redactEvent } from '../redaction/redact.ts';
import type { RoomVersion } from '../room-versions.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { CanonicalEvent } from './canonical-event.ts';
import { verifySignatures, type FindVerifyKey } from './sign-json.ts';

export type EventProblem =
  | 'signature-not-verified'
  | 'no-membership'
  | 'id-without-domain'
  | 'sha256-missing'
  | 'hash-not-base64';

/** What to do with an event after its signatures and its content hash were checked. */
export type EventVerdict =
  /** Go on with the event. */
  | { readonly verdict: 'accepted'; readonly event: Pdu }
  /** The signatures are good but the content hash isn't: go on with the redacted copy. */
  | { readonly verdict: 'redacted'; readonly event: Pdu }
  | { readonly verdict: 'rejected'; readonly reason: EventProblem; readonly server?: string };

/**
 * The servers that must have signed an event (Server-Server API, "Validating hashes and signatures on received
 * events"): the sender's, unless it is a third-party invite; in versions 1 and 2 that of the event id; for a restricted
 * join that of the authorising user.
 */
export function requiredSigners(event: Pdu, version: RoomVersion): string[] | EventProblem {
  const servers = new Set<string>();
  const isMember = event.type === 'm.room.member';
  const membership = isMember ? getOwn(event.content, 'membership') : undefined;
  // Authorization will refuse it, but what it would have to be signed by can't be told.
  if (isMember && membership === undefined) return 'no-membership';
  const sender = domainOf(event.sender);
  if (sender === undefined) return 'id-without-domain';
  if (!(membership === 'invite' && Object.hasOwn(event.content, 'third_party_invite'))) servers.add(sender);
  if (version.eventIdFormat === 'sender-chosen') {
    const origin = domainOf(event.event_id);
    if (origin === undefined) return 'id-without-domain';
    if (origin !== sender) servers.add(origin);
  }
  if (version.restrictedJoins && membership === 'join') {
    const authoriser = getOwn(event.content, 'join_authorised_via_users_server');
    if (authoriser !== undefined) {
      const server = domainOf(authoriser);
      if (server === undefined) return 'id-without-domain';
      servers.add(server);
    }
  }
  return [...servers];
}

/**
 * Checks the signatures and the content hash of an event whose format was checked. `findKey` gives the keys that are
 * known and valid at the event's time (see `enforceKeyValidity`); signatures by others are passed over. Throws
 * CanonicalJsonError.
 */
export function verifyEvent(event: Pdu, version: RoomVersion, findKey: FindVerifyKey): EventVerdict {
  const servers = requiredSigners(event, version);
  if (!Array.isArray(servers)) return { verdict: 'rejected', reason: servers };
  const canonical = CanonicalEvent.of(event, version);
  for (const server of servers) {
    if (verifySignatures(canonical.signableText(), event.signatures, server, findKey) !== undefined) {
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

/** What stands behind the first colon. */
function domainOf(id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined;
  const colon = id.indexOf(':');
  return colon === -1 ? undefined : id.slice(colon + 1);
}
