import type { Pdu } from '../events/event.ts';
import { getOwn, type JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';

/** Why it can't be told who must have signed an event. */
export type SignersProblem = 'no-membership' | 'id-without-domain';

/**
 * The servers that must have signed an event (Server-Server API, "Validating hashes and signatures on received
 * events"): the sender's, unless it is a third-party invite; in versions 1 and 2 that of the event id if it is another;
 * for a restricted join that of the authorising user.
 */
export function requiredSigners(event: Pdu, version: RoomVersion): string[] | SignersProblem {
  const membership = event.type === 'm.room.member' ? getOwn(event.content, 'membership') : undefined;
  // Authorization would refuse it too; but whether it is an invite or a join must be known here.
  if (event.type === 'm.room.member' && membership === undefined) return 'no-membership';

  const sender = serverOf(event.sender);
  const servers = new Set([sender]);
  if (version.eventIdFormat === 'sender-chosen') servers.add(serverOf(event.event_id));
  if (membership === 'invite' && Object.hasOwn(event.content, 'third_party_invite')) servers.delete(sender);
  if (version.restrictedJoins && membership === 'join') {
    const authoriser = getOwn(event.content, 'join_authorised_via_users_server');
    if (authoriser !== undefined) servers.add(serverOf(authoriser));
  }
  const named = [...servers].filter((server) => server !== undefined);
  return sender === undefined || named.length < servers.size ? 'id-without-domain' : named;
}

/** What stands behind the first colon. */
export function serverOf(id: JsonValue | undefined): string | undefined {
  const colon = typeof id === 'string' ? id.indexOf(':') : -1;
  return colon === -1 ? undefined : (id as string).slice(colon + 1);
}
