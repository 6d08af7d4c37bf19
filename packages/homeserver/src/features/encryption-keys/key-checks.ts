import { MatrixError } from '@myelin/api';
import {
  canonicalJson,
  CanonicalJsonError,
  getOwn,
  isJsonObject,
  signableJson,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';
import type { UserNid } from '../names/index.ts';

/** Whose keys an upload is about. */
export interface Owner {
  readonly user: UserNid;
  readonly userId: string;
}

/** Canonical JSON of something that is signed or may be; throws M_BAD_JSON for what has no such form. */
export function canonicalText(value: JsonValue): string {
  return refusing(() => canonicalJson(value));
}

/** What is signed of a key; throws M_BAD_JSON for what has no canonical form. */
export function signableText(key: JsonObject): string {
  return refusing(() => signableJson(key));
}

/** The ed25519 key of a device out of its stored keys. */
export function ed25519KeyOf(deviceKeys: string, deviceId: string): string | undefined {
  const { keys } = JSON.parse(deviceKeys) as JsonObject;
  const key = isJsonObject(keys) ? getOwn(keys, `ed25519:${deviceId}`) : undefined;
  return typeof key === 'string' ? key : undefined;
}

/** Whether two keys in canonical JSON are the same but for signatures. */
export function isSameKey(key: string, other: string | undefined): boolean {
  return (
    other !== undefined && signableText(JSON.parse(key) as JsonObject) === signableText(JSON.parse(other) as JsonObject)
  );
}

function refusing(print: () => string): string {
  try {
    return print();
  } catch (error) {
    if (error instanceof CanonicalJsonError)
      throw new MatrixError('M_BAD_JSON', 'The keys hold numbers or text that canonical JSON does not know');
    throw error;
  }
}
