import type { Names, RoomNid, UserNid } from '../../names/index.ts';
import type { RoomMembers } from '../../room-members/index.ts';

/** A user by id, if they are in a room. */
export async function joinedUser(
  { names, members }: { readonly names: Names; readonly members: RoomMembers },
  room: RoomNid,
  userId: string,
): Promise<UserNid | undefined> {
  const user = await names.findUser(userId);
  return user !== undefined && (await members.isJoined(room, user)) ? user : undefined;
}
