import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { UserNid } from '../names/index.ts';

/** Brings a user's name and picture into the rooms that they are in. Implemented by wiring `features/membership`. */
export interface ProfilePropagation {
  intoRooms(user: UserNid, signal: AbortSignal): Promise<void>;
}

/** Is told, in the transaction, that a field of a profile changed: for the user directory, presence, other servers. */
export type ProfileListener = (writer: Writer, user: UserNid, field: string) => Promise<void>;

/** Asks other servers for profiles. Implemented by `features/federation-outbound`. */
export interface RemoteProfiles {
  /** The whole profile, or just one field of it. Throws M_NOT_FOUND. */
  fetch(userId: string, field: string | undefined): Promise<JsonObject>;
}

/** What is known of an uploaded picture. Implemented by `features/media`. */
export interface AvatarMedia {
  /** Undefined: it isn't on this server. `size` in bytes. */
  describe(mxcUri: string): Promise<{ readonly size: number; readonly mimetype: string } | undefined>;
}
