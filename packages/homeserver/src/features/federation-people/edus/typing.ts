import type { EduHandler } from '../../federation-inbound/index.ts';
import { isUserOf } from '../../remote-devices/index.ts';
import type { ServerAcls } from '../../server-acls/index.ts';
import type { Typing } from '../../typing/index.ts';
import { userInRoom, type UserInRoomParts } from './user-in-room.ts';

export interface TypingEdusParts extends UserInRoomParts {
  readonly acls: ServerAcls;
  readonly typing: Typing;
}

/** Servers say it again within 40 seconds while somebody goes on typing. In milliseconds, as with Synapse. */
const believedMs = 60_000;

/** m.typing. Server-Server API §"Typing Notifications". */
export function typingHandler(parts: TypingEdusParts): EduHandler {
  const { names, acls, typing } = parts;
  return async (origin, content) => {
    const { room_id: roomId, user_id: userId, typing: isTyping } = content;
    if (typeof roomId !== 'string' || typeof isTyping !== 'boolean' || !isUserOf(userId, origin)) return;
    const room = await names.findRoom(roomId);
    if (room === undefined || !(await acls.isAllowed(room, origin))) return;
    const user = await userInRoom(parts, room, origin, userId);
    if (user === undefined) return;
    if (isTyping) typing.begin(room, { user, userId }, believedMs);
    else typing.end(room, user);
  };
}
