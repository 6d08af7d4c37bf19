import type { setRoomVisibilityOnDirectory } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DirectoryService } from '../directory-service.ts';

export function setRoomVisibilityOnDirectoryHandler(
  directory: DirectoryService,
): Handler<typeof setRoomVisibilityOnDirectory> {
  return async ({ params, body, requester }) => {
    await directory.setVisibility(requester, params.roomId, body.visibility ?? 'public');
    return {};
  };
}
