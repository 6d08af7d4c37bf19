import { MatrixError, type putRoomKeysVersion } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { jsonText } from '../uploaded-keys.ts';

export function putRoomKeysVersionHandler(backups: KeyBackups): Handler<typeof putRoomKeysVersion> {
  return async ({ params, body, requester }) => {
    if ((body.version ?? params.version) !== params.version)
      throw new MatrixError('M_INVALID_PARAM', 'Version in body does not match');
    await backups.update(requester.user, params.version, body.algorithm, jsonText(body.auth_data));
    return {};
  };
}
