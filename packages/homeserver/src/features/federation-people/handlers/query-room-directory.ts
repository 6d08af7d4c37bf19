import { MatrixError, type federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Aliases, DirectoryService } from '../../directory/index.ts';

/** Only aliases of this server: nobody makes it ask another. */
export function queryRoomDirectoryHandler(
  aliases: Aliases,
  directory: DirectoryService,
): Handler<typeof federation.queryRoomDirectory> {
  return async ({ query }) => {
    aliases.check(query.room_alias);
    if (!aliases.isLocal(query.room_alias))
      throw new MatrixError('M_UNKNOWN', 'Room Alias is not hosted on this homeserver');
    return directory.lookUpLocal(query.room_alias);
  };
}
