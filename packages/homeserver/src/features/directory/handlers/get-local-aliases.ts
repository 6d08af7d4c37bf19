import type { getLocalAliases } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DirectoryService } from '../directory-service.ts';

export function getLocalAliasesHandler(directory: DirectoryService): Handler<typeof getLocalAliases> {
  return async ({ params, requester }) => ({ aliases: await directory.aliasesOf(requester, params.roomId) });
}
