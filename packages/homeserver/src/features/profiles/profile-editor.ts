import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { JsonValue } from '@myelin/protocol';
import type { ProfilesConfig } from '../../config/index.ts';
import { refuseSuspended, type Requester } from '../../http/index.ts';
import type { Accounts, UserJobs } from '../accounts/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import { checkFieldName, normalizedValue } from './profile-fields.ts';
import type { AvatarMedia, ProfilePropagation } from './profile-ports.ts';
import type { Profiles } from './profiles.ts';

export interface ProfileEditorParts {
  readonly database: Database;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly jobs: UserJobs;
  readonly propagation: ProfilePropagation;
  readonly config: ProfilesConfig;
}

const propagate = 'propagate-profile';

/** Changing profiles. Client-Server API §PUT and DELETE /profile/{userId}/{keyName}. */
export class ProfileEditor {
  readonly #parts: ProfileEditorParts;
  #media: AvatarMedia | undefined;

  constructor(parts: ProfileEditorParts) {
    this.#parts = parts;
    parts.jobs.define(propagate, (user, signal) => parts.propagation.intoRooms(user, signal));
  }

  /** Lets the limits on pictures be checked (`max_avatar_size`, `allowed_avatar_mimetypes`). */
  useMedia(media: AvatarMedia): void {
    this.#media = media;
  }

  /** Sets a field; undefined takes it out. When it resolves the rooms are told soon. */
  async set(requester: Requester, userId: string, field: string, value: JsonValue | undefined): Promise<void> {
    checkFieldName(field);
    if (requester.isGuest && field !== 'displayname')
      throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
    const user = await this.#target(requester, userId);
    const stored = value === undefined ? undefined : normalizedValue(field, value);
    if (!requester.isAdmin) await this.#checkAllowed(user, field);
    if (field === 'avatar_url' && typeof stored === 'string') await this.#checkAvatar(stored);
    await this.#parts.database.transact(async (writer) => {
      // The size of the whole profile is limited: one change of it at a time.
      await writer.lock(`profile ${user}`);
      const changed = await this.#parts.profiles.set(writer, user, field, stored);
      if (changed && (field === 'displayname' || field === 'avatar_url'))
        await this.#parts.jobs.add(writer, propagate, user);
    });
  }

  async #target(requester: Requester, userId: string): Promise<UserNid> {
    const { accounts, names } = this.#parts;
    refuseSuspended(requester);
    if (userId === requester.userId) return requester.user;
    if (!requester.isAdmin) throw new MatrixError('M_FORBIDDEN', "Cannot set another user's profile");
    const user = await names.findUser(userId);
    const account = user === undefined ? undefined : await accounts.find(user);
    if (!account || account.deactivated) throw new MatrixError('M_NOT_FOUND', 'User not found');
    return account.user;
  }

  /** A server that lets nobody change their name still lets it be set for the first time. */
  async #checkAllowed(user: UserNid, field: string): Promise<void> {
    const { config, profiles } = this.#parts;
    const allowed =
      field === 'displayname' ? config.allowSetDisplayname : field === 'avatar_url' ? config.allowSetAvatarUrl : true;
    if (!allowed && Object.hasOwn(await profiles.of(user), field))
      throw new MatrixError('M_FORBIDDEN', `Changing ${field} is disabled on this server`);
  }

  async #checkAvatar(mxcUri: string): Promise<void> {
    const { maxAvatarSize, allowedAvatarMimetypes } = this.#parts.config;
    if (maxAvatarSize === undefined && allowedAvatarMimetypes === undefined) return;
    const media = await this.#media?.describe(mxcUri);
    const fits =
      media !== undefined &&
      (maxAvatarSize === undefined || media.size <= maxAvatarSize) &&
      (allowedAvatarMimetypes === undefined || allowedAvatarMimetypes.includes(media.mimetype));
    if (!fits) throw new MatrixError('M_FORBIDDEN', 'This avatar is not allowed');
  }
}
