import { ban, forgetRoom, inviteUser, joinRoom, joinRoomById, kick, knockRoom, leaveRoom, unban } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { RoomIdResolver } from '../directory/index.ts';
import { banHandler } from './handlers/ban.ts';
import { forgetRoomHandler } from './handlers/forget-room.ts';
import { inviteUserHandler } from './handlers/invite-user.ts';
import { joinRoomByIdHandler } from './handlers/join-room-by-id.ts';
import { joinRoomHandler } from './handlers/join-room.ts';
import { kickHandler } from './handlers/kick.ts';
import { knockRoomHandler } from './handlers/knock-room.ts';
import { leaveRoomHandler } from './handlers/leave-room.ts';
import { unbanHandler } from './handlers/unban.ts';
import type { MembershipService } from './membership.ts';

export function membershipRoutes(membership: MembershipService, directory: RoomIdResolver): Route[] {
  return [
    route(joinRoom, joinRoomHandler(membership, directory)),
    route(joinRoomById, joinRoomByIdHandler(membership)),
    route(knockRoom, knockRoomHandler(membership, directory)),
    route(inviteUser, inviteUserHandler(membership)),
    route(leaveRoom, leaveRoomHandler(membership)),
    route(forgetRoom, forgetRoomHandler(membership)),
    route(kick, kickHandler(membership)),
    route(ban, banHandler(membership)),
    route(unban, unbanHandler(membership)),
  ];
}
