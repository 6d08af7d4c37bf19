import type { Names, RoomNid, UserNid } from '../../names/index.ts';
import type { PossibleMembers } from '../../remote-devices/index.ts';
import type { RoomMembers } from '../../room-members/index.ts';

export interface UserInRoomParts {
  readonly names: Names;
  readonly members: RoomMembers;
  readonly possible: Pick<PossibleMembers, 'inRoom'>;
}

/** A user of the origin by id, if they are in a room, or may be while not all of its members are known. */
export async function userInRoom(
  { names, members, possible }: UserInRoomParts,
  room: RoomNid,
  origin: string,
  userId: string,
): Promise<UserNid | undefined> {
  const user = await names.findUser(userId);
  const isJoined = user !== undefined && (await members.isJoined(room, user));
  return isJoined ? user : possible.inRoom(room, origin, userId);
}
