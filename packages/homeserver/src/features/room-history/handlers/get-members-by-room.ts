import type { getMembersByRoom } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getMembersByRoomHandler(history: RoomHistory): Handler<typeof getMembersByRoom> {
  return async ({ params, query, requester }) =>
    rawJson(
      await history.memberEvents(requester, params.roomId, {
        at: query.at,
        membership: query.membership,
        notMembership: query.not_membership,
      }),
    );
}
