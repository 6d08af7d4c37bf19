import type { getRoomVisibilityOnDirectory } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DirectoryService } from '../directory-service.ts';

export function getRoomVisibilityOnDirectoryHandler(
  directory: DirectoryService,
): Handler<typeof getRoomVisibilityOnDirectory> {
  return async ({ params }) => ({ visibility: await directory.visibility(params.roomId) });
}
