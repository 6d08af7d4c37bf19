import type { joinRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomIdResolver } from '../../directory/index.ts';
import type { MembershipService } from '../membership.ts';
import { viaServers } from './via-servers.ts';
import { joinContent } from './join-content.ts';

export function joinRoomHandler(membership: MembershipService, directory: RoomIdResolver): Handler<typeof joinRoom> {
  return async ({ params, query, body, requester }) => {
    const { roomId, servers } = await directory.resolve(params.roomIdOrAlias);
    const via = [...viaServers(query), ...servers];
    await membership.join(requester, roomId, joinContent(body), via);
    return { room_id: roomId };
  };
}
