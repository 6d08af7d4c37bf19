import { redactsOf } from '../events/event.ts';
import type { RoomVersion } from '../room-versions.ts';
import { domainOf, roomIdOf, type EventWithId } from './auth-state.ts';
import type { PowerLevels } from './power-levels.ts';

/**
 * Whether a redaction that passed the authorization rules takes effect on its target (Room Version 3, "Handling
 * redactions"): both are known and valid, and the sender has the redact level or is of the server of the target's sender.
 * In versions 1 and 2 the rules have decided that already. `levels` are those before the redaction.
 * A create event is never redacted, as in Synapse: before version 11 nothing but `creator` would be left of what a room is.
 */
export function redactionApplies(
  redaction: EventWithId,
  target: EventWithId,
  levels: PowerLevels,
  version: RoomVersion,
): boolean {
  if (redactsOf(redaction.pdu, version) !== target.eventId) return false;
  if (roomIdOf(redaction, version) !== roomIdOf(target, version)) return false;
  if (target.pdu.type === 'm.room.create') return false;
  if (redaction.rejected || target.rejected) return false;
  if (version.redactionAuthRule) return true;
  return levels.canRedactOthers(redaction.pdu.sender) || isSameServer(redaction.pdu.sender, target.pdu.sender);
}

function isSameServer(userId: string, other: string): boolean {
  const domain = domainOf(userId);
  return domain !== undefined && domain === domainOf(other);
}
