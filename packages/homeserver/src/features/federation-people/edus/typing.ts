import type { EduHandler } from '../../federation-inbound/index.ts';
import type { Names } from '../../names/index.ts';
import { isUserOf, type PossibleMembers } from '../../remote-devices/index.ts';
import type { RoomMembers } from '../../room-members/index.ts';
import type { ServerAcls } from '../../server-acls/index.ts';
import type { Typing } from '../../typing/index.ts';
import { joinedUser } from './joined-user.ts';

export interface TypingEdusParts {
  readonly names: Names;
  readonly members: RoomMembers;
  readonly possible: Pick<PossibleMembers, 'inRoom'>;
  readonly acls: ServerAcls;
  readonly typing: Typing;
}

/** Servers say it again within 40 seconds while somebody goes on typing. In milliseconds, as with Synapse. */
const believedMs = 60_000;

/** m.typing. Server-Server API §"Typing Notifications". */
export function typingHandler({ names, members, possible, acls, typing }: TypingEdusParts): EduHandler {
  return async (origin, content) => {
    const { room_id: roomId, user_id: userId, typing: isTyping } = content;
    if (typeof roomId !== 'string' || typeof isTyping !== 'boolean' || !isUserOf(userId, origin)) return;
    const room = await names.findRoom(roomId);
    if (room === undefined || !(await acls.isAllowed(room, origin))) return;
    const user = (await joinedUser({ names, members }, room, userId)) ?? (await possible.inRoom(room, origin, userId));
    if (user === undefined) return;
    if (isTyping) typing.begin(room, { user, userId }, believedMs);
    else typing.end(room, user);
  };
}
