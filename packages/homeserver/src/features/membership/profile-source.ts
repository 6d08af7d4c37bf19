import type { UserNid } from '../names/index.ts';

/** What membership events tell of a user. Implemented by `features/profiles`. */
export interface ProfileSource {
  /** `displayname` and `avatar_url` as far as the user has set them. */
  memberProfile(user: UserNid): Promise<{ displayname?: string; avatar_url?: string }>;
}
