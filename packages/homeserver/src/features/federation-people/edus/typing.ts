import type { EduHandler } from '../../federation-inbound/index.ts';
import type { Names } from '../../names/index.ts';
import type { RoomMembers } from '../../room-members/index.ts';
import type { ServerAcls } from '../../server-acls/index.ts';
import type { Typing } from '../../typing/index.ts';
import { isUserOf } from './origin-users.ts';

export interface TypingEdusParts {
  readonly names: Names;
  readonly members: RoomMembers;
  readonly acls: ServerAcls;
  readonly typing: Typing;
}

/** Servers say it again within 40 seconds while somebody goes on typing. In milliseconds, as with Synapse. */
const believedMs = 60_000;

/** m.typing. Server-Server API §"Typing Notifications". */
export function typingHandler({ names, members, acls, typing }: TypingEdusParts): EduHandler {
  return async (origin, content) => {
    const { room_id: roomId, user_id: userId, typing: isTyping } = content;
    if (typeof roomId !== 'string' || typeof isTyping !== 'boolean' || !isUserOf(userId, origin)) return;
    const [room, user] = [await names.findRoom(roomId), await names.findUser(userId)];
    if (room === undefined || user === undefined) return;
    if (!(await members.isJoined(room, user)) || !(await acls.isAllowed(room, origin))) return;
    if (isTyping) typing.begin(room, { user, userId }, believedMs);
    else typing.end(room, user);
  };
}
