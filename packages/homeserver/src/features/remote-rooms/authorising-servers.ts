import { isJsonObject, roomCreators } from '@myelin/protocol';
import type { Names } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { AuthStates, RoomHead, RoomStates } from '../timeline/index.ts';
import { candidateServers, serverOfUser } from './candidates.ts';

/** So many users who are named in power levels, and so many members, are looked at. */
const mostNamed = 1_000;
const mostMembers = 1_000;

export interface AuthorisingParts {
  readonly serverName: string;
  readonly states: RoomStates;
  readonly authStates: AuthStates;
  readonly members: RoomMembers;
  readonly names: Names;
}

/** Other servers with users in the room who may invite, those of its creators and most powerful first. */
export async function authorisingServers(parts: AuthorisingParts, head: RoomHead): Promise<string[]> {
  const { serverName, states, authStates, members, names } = parts;
  const levels = await authStates.levels(head);
  const create = await states.get(head.state, 'm.room.create', '');
  const users = (await states.get(head.state, 'm.room.power_levels', ''))?.content['users'];
  const named = [
    ...(create ? roomCreators(create.pdu, head.version).userIds : []),
    ...(isJsonObject(users) ? Object.keys(users) : []),
  ].slice(0, mostNamed);
  const servers: (string | undefined)[] = [];
  for (const userId of named) {
    const user = levels.canInvite(userId) ? await names.findUser(userId) : undefined;
    if (user !== undefined && (await members.isJoined(head.room, user))) servers.push(serverOfUser(userId));
  }
  if (servers.some((server) => server !== serverName)) return candidateServers(serverName, servers);
  const some = [...(await members.joinedUsers(head.room))].slice(0, mostMembers);
  const userIds = [...(await names.userIds(some)).values()];
  return candidateServers(serverName, userIds.filter((userId) => levels.canInvite(userId)).map(serverOfUser));
}
