import type { upgradeRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomUpgrader } from '../room-upgrader.ts';

export function upgradeRoomHandler(rooms: RoomUpgrader): Handler<typeof upgradeRoom> {
  return async ({ params, body, requester }) => ({
    replacement_room: await rooms.upgrade(requester, params.roomId, body.new_version, body.additional_creators ?? []),
  });
}
