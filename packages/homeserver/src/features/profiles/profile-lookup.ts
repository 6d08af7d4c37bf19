import { MatrixError } from '@myelin/api';
import { getOwn, parseUserId, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { ProfilesConfig } from '../../config/index.ts';
import type { RateLimiter, Requester } from '../../http/index.ts';
import type { Accounts } from '../accounts/index.ts';
import type { Names } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import { checkFieldName } from './profile-fields.ts';
import type { RemoteProfiles } from './profile-ports.ts';
import type { Profiles } from './profiles.ts';

export interface ProfileLookupParts {
  readonly names: Names;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly members: RoomMembers;
  readonly serverName: string;
  readonly config: ProfilesConfig;
  /** `rc_profile`, by user or address */
  readonly limiter: RateLimiter;
}

/** Who asks for a profile. */
export interface Asker {
  readonly requester: Requester | undefined;
  readonly ip: string;
}

/** Showing profiles to those who may see them. Client-Server API §GET /profile/{userId}. */
export class ProfileLookup {
  readonly #parts: ProfileLookupParts;
  #remote: RemoteProfiles | undefined;

  constructor(parts: ProfileLookupParts) {
    this.#parts = parts;
  }

  /** Lets profiles of other servers' users be found. */
  useRemote(remote: RemoteProfiles): void {
    this.#remote = remote;
  }

  /** Throws M_NOT_FOUND where there is none, M_FORBIDDEN where it isn't for the one who asks. */
  async whole(asker: Asker, userId: string): Promise<JsonObject> {
    await this.#check(asker, userId);
    const profile = await this.#fetch(userId, undefined);
    if (Object.keys(profile).length === 0) throw new MatrixError('M_NOT_FOUND', 'Profile was not found');
    return profile;
  }

  /** See `whole`. */
  async field(asker: Asker, userId: string, field: string): Promise<JsonValue> {
    checkFieldName(field);
    await this.#check(asker, userId);
    const value = getOwn(await this.#fetch(userId, field), field);
    if (value === undefined) throw new MatrixError('M_NOT_FOUND', 'Profile was not found');
    return value;
  }

  async #check({ requester, ip }: Asker, userId: string): Promise<void> {
    const { config, limiter, names, members } = this.#parts;
    if (config.requireAuth && !requester) throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
    if (!requester?.isExemptFromLimits) limiter.check(requester?.user ?? ip);
    if (!parseUserId(userId)) throw new MatrixError('M_INVALID_PARAM', 'Invalid user id');
    if (!config.limitToSharedRooms || !requester || requester.userId === userId) return;
    const user = await names.findUser(userId);
    if (user === undefined || !(await members.shareRoom(requester.user, user)))
      throw new MatrixError('M_FORBIDDEN', "Profile isn't available");
  }

  async #fetch(userId: string, field: string | undefined): Promise<JsonObject> {
    const { names, accounts, profiles, serverName } = this.#parts;
    if (userId.slice(userId.indexOf(':') + 1) !== serverName) {
      if (this.#remote) return this.#remote.fetch(userId, field);
      throw new MatrixError('M_NOT_FOUND', "Profile was not found: this server can't ask other servers yet");
    }
    const user = await names.findUser(userId);
    return user !== undefined && (await accounts.isLocal(user)) ? profiles.of(user) : {};
  }
}
