import { MatrixError } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';

/** What somebody asks for. `kick` and `unban` end in `leave`. */
export type MemberAction = 'join' | 'invite' | 'knock' | 'leave' | 'kick' | 'ban' | 'unban';

export function membershipAfter(action: MemberAction): 'join' | 'invite' | 'knock' | 'leave' | 'ban' {
  return action === 'kick' || action === 'unban' ? 'leave' : action;
}

/**
 * Refusals that the authorization rules don't know: the rules would let a kick or an unban make members leave who weren't
 * there. `current` is the target's m.room.member content, if any. Throws M_BAD_STATE or M_FORBIDDEN, both as 403.
 */
export function checkTransition(action: MemberAction, current: JsonObject | undefined): void {
  const membership = current?.['membership'];
  if (action === 'unban' && membership !== 'ban') throw badState('Cannot unban user who was not banned');
  if (membership === 'ban' && action !== 'ban' && action !== 'unban' && action !== 'leave') {
    throw badState(`Cannot ${action} user who was banned`);
  }
  if (action === 'kick' && (membership === undefined || membership === 'leave')) {
    throw new MatrixError('M_FORBIDDEN', 'The target user is not in the room');
  }
}

function badState(message: string): MatrixError {
  return new MatrixError('M_BAD_STATE', message, { status: 403 });
}

/** Which change a membership event asks for that is sent as plain state. Throws M_BAD_JSON. */
export function actionOf(content: JsonObject): MemberAction {
  const { membership } = content;
  if (typeof membership !== 'string') throw new MatrixError('M_BAD_JSON', 'Invalid membership (must be a string)');
  if (!['join', 'invite', 'knock', 'leave', 'ban'].includes(membership))
    throw new MatrixError('M_BAD_JSON', 'Invalid membership key');
  return membership as MemberAction;
}

/** In characters, as for profiles. */
const longestDisplayName = 256;
const longestAvatarUrl = 1000;

/**
 * What a client may put into a membership event: a name and a picture for this room only, if the server allows that, and
 * not in whose name a restricted join is authorised, which would need that user's server.
 */
export function clientContent(given: JsonObject, perRoomProfiles: boolean): JsonObject {
  const { membership: _membership, join_authorised_via_users_server: _authoriser, ...content } = given;
  if (!perRoomProfiles) {
    delete content['displayname'];
    delete content['avatar_url'];
  }
  checkLength('displayname', content, longestDisplayName);
  checkLength('avatar_url', content, longestAvatarUrl);
  return content;
}

function checkLength(name: string, content: JsonObject, longest: number): void {
  const value = content[name];
  if (typeof value === 'string' && [...value].length > longest)
    throw new MatrixError('M_BAD_JSON', `${name} is too long (max ${longest})`);
}
