import type { JsonObject } from '@myelin/protocol';
import type { RoomNid, UserNid } from '../names/index.ts';

/** A change of a user of this server that another server has to bring about. */
export interface RemoteEntry {
  readonly user: UserNid;
  readonly userId: string;
  /** The user is an administrator of this server. */
  readonly isAdmin: boolean;
  readonly roomId: string;
  /** Servers that are said to be in the room, the likeliest first. Whoever invited the user is asked too. */
  readonly servers: readonly string[];
  /** The whole content of the membership event. */
  readonly content: JsonObject;
}

/**
 * What other servers have to do with coming and going: joining and knocking where this server isn't, turning down their
 * invites, inviting their users. Implemented by `features/remote-rooms`. All throw MatrixError for the client.
 */
export interface RemoteRooms {
  /** Whether the room is to be entered by another server, for this one isn't in it. */
  isElsewhere(roomId: string, room: RoomNid | undefined): Promise<boolean>;
  /** Whether this server is in the room and doesn't know its members yet, so that it can't say who may join. */
  lacksMembers(room: RoomNid): boolean;
  /**
   * Joins by another server. `evenIfHere`: also if this server is in the room, because nobody here may let the user in.
   * Resolves to false if nothing was done: this server has come into the room meanwhile, so that the user joins here.
   */
  join(entry: RemoteEntry, evenIfHere: boolean): Promise<boolean>;
  /** Knocks by another server. Resolves to false if this server is in the room by now. */
  knock(entry: RemoteEntry): Promise<boolean>;
  /**
   * Turns down an invite to a room that this server isn't in, or takes back a knock; where no other server helps, only
   * here. Resolves to false if the user has neither.
   */
  leave(entry: RemoteEntry): Promise<boolean>;
  /** Invites a user of another server, who signs the invite. Resolves to the event's id. */
  invite(
    inviter: { readonly user: UserNid; readonly userId: string },
    room: RoomNid,
    target: string,
    content: JsonObject,
  ): Promise<string>;
  /** Servers in the room whose users may let others in, for restricted joins that nobody here can authorise. */
  serversToAuthorise(room: RoomNid): Promise<string[]>;
}
