import {
  deleteRoomKeyBySessionId,
  deleteRoomKeys,
  deleteRoomKeysByRoomId,
  deleteRoomKeysVersion,
  getRoomKeyBySessionId,
  getRoomKeys,
  getRoomKeysByRoomId,
  getRoomKeysVersion,
  getRoomKeysVersionCurrent,
  postRoomKeysVersion,
  putRoomKeyBySessionId,
  putRoomKeys,
  putRoomKeysByRoomId,
  putRoomKeysVersion,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { KeyBackup } from './create-key-backup.ts';
import { deleteRoomKeyBySessionIdHandler } from './handlers/delete-room-key-by-session-id.ts';
import { deleteRoomKeysByRoomIdHandler } from './handlers/delete-room-keys-by-room-id.ts';
import { deleteRoomKeysVersionHandler } from './handlers/delete-room-keys-version.ts';
import { deleteRoomKeysHandler } from './handlers/delete-room-keys.ts';
import { getRoomKeyBySessionIdHandler } from './handlers/get-room-key-by-session-id.ts';
import { getRoomKeysByRoomIdHandler } from './handlers/get-room-keys-by-room-id.ts';
import { getRoomKeysVersionCurrentHandler } from './handlers/get-room-keys-version-current.ts';
import { getRoomKeysVersionHandler } from './handlers/get-room-keys-version.ts';
import { getRoomKeysHandler } from './handlers/get-room-keys.ts';
import { postRoomKeysVersionHandler } from './handlers/post-room-keys-version.ts';
import { putRoomKeyBySessionIdHandler } from './handlers/put-room-key-by-session-id.ts';
import { putRoomKeysByRoomIdHandler } from './handlers/put-room-keys-by-room-id.ts';
import { putRoomKeysVersionHandler } from './handlers/put-room-keys-version.ts';
import { putRoomKeysHandler } from './handlers/put-room-keys.ts';

export function keyBackupRoutes({ backups, reader }: KeyBackup): Route[] {
  return [
    route(postRoomKeysVersion, postRoomKeysVersionHandler(backups)),
    route(getRoomKeysVersionCurrent, getRoomKeysVersionCurrentHandler(backups)),
    route(getRoomKeysVersion, getRoomKeysVersionHandler(backups)),
    route(putRoomKeysVersion, putRoomKeysVersionHandler(backups)),
    route(deleteRoomKeysVersion, deleteRoomKeysVersionHandler(backups)),
    route(putRoomKeys, putRoomKeysHandler(backups)),
    route(putRoomKeysByRoomId, putRoomKeysByRoomIdHandler(backups)),
    route(putRoomKeyBySessionId, putRoomKeyBySessionIdHandler(backups)),
    route(getRoomKeys, getRoomKeysHandler(reader)),
    route(getRoomKeysByRoomId, getRoomKeysByRoomIdHandler(reader)),
    route(getRoomKeyBySessionId, getRoomKeyBySessionIdHandler(reader)),
    route(deleteRoomKeys, deleteRoomKeysHandler(backups)),
    route(deleteRoomKeysByRoomId, deleteRoomKeysByRoomIdHandler(backups)),
    route(deleteRoomKeyBySessionId, deleteRoomKeyBySessionIdHandler(backups)),
  ];
}
