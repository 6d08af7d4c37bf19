import type { setRoomAlias } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DirectoryService } from '../directory-service.ts';

export function setRoomAliasHandler(directory: DirectoryService): Handler<typeof setRoomAlias> {
  return async ({ params, body, requester }) => {
    await directory.addAlias(requester, params.roomAlias, body.room_id);
    return {};
  };
}
