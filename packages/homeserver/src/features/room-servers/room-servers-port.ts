import type { RoomNid, UserNid } from '../names/index.ts';

/** Which servers have users in which rooms, by the current state. This server is one of them. */
export interface RoomServers {
  /** The servers with a joined user in a room. Shared: don't change it. */
  inRoom(room: RoomNid): Promise<ReadonlySet<string>>;
  isInRoom(room: RoomNid, server: string): Promise<boolean>;
  /** The other servers that have users in the rooms that a user is in. */
  sharingRoomsWith(user: UserNid): Promise<Set<string>>;
}
