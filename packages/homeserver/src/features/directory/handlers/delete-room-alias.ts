import type { deleteRoomAlias } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DirectoryService } from '../directory-service.ts';

export function deleteRoomAliasHandler(directory: DirectoryService): Handler<typeof deleteRoomAlias> {
  return async ({ params, requester }) => {
    await directory.removeAlias(requester, params.roomAlias);
    return {};
  };
}
