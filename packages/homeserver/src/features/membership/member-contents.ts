import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { Names } from '../names/index.ts';
import type { RoomHead, RoomStates } from '../timeline/index.ts';
import { membershipAfter, type MemberAction } from './member-change.ts';
import type { ProfileSource } from './profile-source.ts';
import { NobodyAuthorises, type RestrictedJoins } from './restricted-joins.ts';

export interface MemberContentsParts {
  readonly names: Names;
  readonly states: RoomStates;
  readonly profiles: ProfileSource;
  readonly restrictedJoins: RestrictedJoins;
  /** `include_profile_data_on_invite` */
  readonly profileOnInvite: boolean;
}

/** What stands in the membership events that this server makes. */
export class MemberContents {
  readonly #parts: MemberContentsParts;

  constructor(parts: MemberContentsParts) {
    this.#parts = parts;
  }

  /** The whole content: what was given, the target's name and picture where they belong, the membership. */
  async of(
    requester: Requester,
    target: string,
    action: MemberAction,
    given: JsonObject,
    writer: Writer,
  ): Promise<JsonObject> {
    const { names, profiles, profileOnInvite } = this.#parts;
    const content: JsonObject = { ...given };
    if (action === 'join' || action === 'knock' || (action === 'invite' && profileOnInvite)) {
      const profile = await profiles.memberProfile(await names.user(writer, target));
      for (const [key, value] of Object.entries(profile)) if (!(key in content)) content[key] = value;
    }
    if (requester.isGuest) content['kind'] = 'guest';
    content['membership'] = membershipAfter(action);
    return content;
  }

  /** For a restricted room: in whose name the join is authorised; refuses those who aren't in an allowed room. */
  async authorisation(
    head: RoomHead,
    requester: Requester,
    current: StoredEvent | undefined,
    writer: Writer,
  ): Promise<JsonObject> {
    const { restrictedJoins } = this.#parts;
    const allowed = await restrictedJoins.allowedRooms(head, writer);
    if (!allowed) return {};
    const membership = current?.content['membership'];
    if (membership === 'join' || membership === 'invite') return {};
    if (!(await restrictedJoins.isInOneOf(requester.user, allowed))) {
      throw new MatrixError('M_FORBIDDEN', 'You do not belong to any of the required rooms/spaces to join this room.');
    }
    const authoriser = await restrictedJoins.authoriser(head, writer);
    if (authoriser === undefined) throw new NobodyAuthorises();
    return { join_authorised_via_users_server: authoriser };
  }

  /** Throws M_GUEST_ACCESS_FORBIDDEN. */
  async requireGuestAccess(head: RoomHead, writer: Writer): Promise<void> {
    const access = await this.#parts.states.get(head.state, 'm.room.guest_access', '', writer);
    if (access?.content['guest_access'] !== 'can_join')
      throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
  }
}
