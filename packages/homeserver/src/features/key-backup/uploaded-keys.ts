import { MatrixError } from '@myelin/api';
import { canonicalJson, CanonicalJsonError, type JsonObject } from '@myelin/protocol';
import type { BackedUpKey } from './backed-up-key-store.ts';

/** A key as clients send it. */
export interface UploadedKey {
  readonly first_message_index: number;
  readonly forwarded_count: number;
  readonly is_verified: boolean;
  readonly session_data: Readonly<Record<string, unknown>>;
}

type UploadedRoom = Readonly<Record<string, UploadedKey>>;

/** In UTF-16 units. */
const longestId = 255;
/** In characters. */
const largestSessionData = 65_536;

/** The keys of an upload, by room and session. Throws M_INVALID_PARAM and M_TOO_LARGE. */
export function uploadedKeys(rooms: Iterable<readonly [roomId: string, sessions: UploadedRoom]>): BackedUpKey[] {
  const keys: BackedUpKey[] = [];
  for (const [roomId, sessions] of rooms) {
    checkId(roomId, 'room');
    for (const [sessionId, key] of Object.entries(sessions)) {
      checkId(sessionId, 'session');
      const sessionData = jsonText(key.session_data);
      if (sessionData.length > largestSessionData)
        throw new MatrixError('M_TOO_LARGE', 'The session_data of a key is too large');
      keys.push({
        roomId,
        sessionId,
        firstMessageIndex: key.first_message_index,
        forwardedCount: key.forwarded_count,
        isVerified: key.is_verified,
        sessionData,
      });
    }
  }
  return keys;
}

/** JSON text of what a client sent; throws M_BAD_JSON for text that can't be stored. */
export function jsonText(value: Readonly<Record<string, unknown>>): string {
  try {
    return canonicalJson(value as JsonObject, 'lenient');
  } catch (error) {
    if (error instanceof CanonicalJsonError)
      throw new MatrixError('M_BAD_JSON', 'The keys hold text or numbers that JSON in Matrix may not');
    throw error;
  }
}

function checkId(id: string, kind: string): void {
  if (id === '' || id.length > longestId || !id.isWellFormed())
    throw new MatrixError('M_INVALID_PARAM', `That is not the id of a ${kind}`);
}
