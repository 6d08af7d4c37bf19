import type { getRoomIdByAlias } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DirectoryService } from '../directory-service.ts';

export function getRoomIdByAliasHandler(directory: DirectoryService): Handler<typeof getRoomIdByAlias> {
  return async ({ params }) => directory.lookUp(params.roomAlias);
}
