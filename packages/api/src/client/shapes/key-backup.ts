import { Type } from 'typebox';
import { count, jsonObject, mapOf } from '../../shared.ts';

/** The key of one megolm session, encrypted. Client-Server API, Server-side key backups. */
export const backedUpSession = Type.Object({
  first_message_index: count,
  forwarded_count: count,
  is_verified: Type.Boolean(),
  session_data: jsonObject,
});

/** By session. */
export const backedUpRoom = Type.Object({ sessions: mapOf(backedUpSession) });

/** By room. */
export const backedUpRooms = Type.Object({ rooms: mapOf(backedUpRoom) });

/** Every read or write of a backup names the version that it is for. */
export const backupVersionQuery = Type.Object({ version: Type.String() });

/** What changed: how many keys the backup has now, and a tag that differs when its content does. */
export const backupChange = Type.Object({ count, etag: Type.String() });

export const backupVersion = Type.Object({
  algorithm: Type.String(),
  auth_data: jsonObject,
  count,
  etag: Type.String(),
  version: Type.String(),
});
