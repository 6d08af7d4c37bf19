import type { getMembersByRoom } from '@myelin/api';
import { pouredJson, rawJson, type Handler } from '../../../http/index.ts';
import type { RoomContents } from '../room-contents.ts';

export function getMembersByRoomHandler(contents: RoomContents): Handler<typeof getMembersByRoom> {
  return async ({ params, query, requester, request }) => {
    const text = await contents.memberEvents(
      requester,
      params.roomId,
      { at: query.at, membership: query.membership, notMembership: query.not_membership },
      request.signal,
    );
    return typeof text === 'string' ? rawJson(text) : pouredJson(text);
  };
}
