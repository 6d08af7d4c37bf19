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
  if (sender === undefined) return 'id-without-domain';
  const isByThirdParty = membership === 'invite' && Object.hasOwn(event.content, 'third_party_invite');
  const servers = isByThirdParty ? [] : [sender];
  if (version.eventIdFormat === 'sender-chosen') {
    const chooser = serverOf(event.event_id);
    if (chooser === undefined) return 'id-without-domain';
    if (chooser !== sender) servers.push(chooser);
  }
  if (version.restrictedJoins && membership === 'join') {
    const named = getOwn(event.content, 'join_authorised_via_users_server');
    const authoriser = named === undefined ? sender : serverOf(named);
    if (authoriser === undefined) return 'id-without-domain';
    if (!servers.includes(authoriser)) servers.push(authoriser);
  }
  return servers;
}

/** What stands behind the first colon. */
export function serverOf(id: JsonValue | undefined): string | undefined {
  const colon = typeof id === 'string' ? id.indexOf(':') : -1;
  return colon === -1 ? undefined : (id as string).slice(colon + 1);
}
