import type { knockRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomIdResolver } from '../../directory/index.ts';
import type { MembershipService } from '../membership.ts';
import { viaServers } from './via-servers.ts';
import { reasonOf } from './reason.ts';

export function knockRoomHandler(membership: MembershipService, directory: RoomIdResolver): Handler<typeof knockRoom> {
  return async ({ params, query, body, requester }) => {
    const { roomId, servers } = await directory.resolve(params.roomIdOrAlias);
    const via = [...viaServers(query), ...servers];
    await membership.knock(requester, roomId, reasonOf(body), via);
    return { room_id: roomId };
  };
}
