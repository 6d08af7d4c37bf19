import type { federation, ResponseOf } from '@myelin/api';
import {
  canonicalJson,
  CanonicalJsonError,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';
import { isSignatures } from './remote-key-checks.ts';

/** Of one key, in characters. */
const largestKey = 65_536;
const longestName = 512;

/**
 * The keys of a user that were asked for, as texts of the form `"DEVICE":{"algorithm:id":key}`: one of each device, of
 * the algorithm that was wanted. Whatever else the server gives is left out.
 */
export function readClaim(
  userId: string,
  wanted: Readonly<Record<string, string>>,
  answer: ResponseOf<typeof federation.claimUserEncryptionKeys>,
): string[] {
  const devices = getOwn(answer.one_time_keys as JsonObject, userId);
  if (!isJsonObject(devices)) return [];
  const texts: string[] = [];
  for (const [deviceId, algorithm] of Object.entries(wanted)) {
    const keys = getOwn(devices, deviceId);
    if (!isJsonObject(keys)) continue;
    const found = Object.entries(keys).find(([name, key]) => isKey(algorithm, name, key));
    const text = found && textOf(found[1]);
    if (found && text !== undefined)
      texts.push(`${JSON.stringify(deviceId)}:{${JSON.stringify(found[0].toWellFormed())}:${text}}`);
  }
  return texts;
}

function isKey(algorithm: string, name: string, key: JsonValue): boolean {
  if (name.length > longestName || !name.startsWith(`${algorithm}:`)) return false;
  return isJsonObject(key)
    ? typeof key['key'] === 'string' && isSignatures(key['signatures'])
    : typeof key === 'string';
}

function textOf(key: JsonValue): string | undefined {
  try {
    const text = canonicalJson(key);
    return text.length > largestKey ? undefined : text;
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
