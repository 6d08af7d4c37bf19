import { getOwn, isEd25519KeyId, isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';

/** A server signs with one key, or few. */
const mostSignatures = 4;
/** Of a key's id, and of a signature in base64. */
const longestText = 255;

/**
 * What a server has put on an event that it was given to sign, by key: what is none is left out, so that our event doesn't
 * become one that has no canonical form, or is too large. Undefined if nothing is left.
 */
export function signaturesOf(server: string, returned: JsonObject): JsonObject | undefined {
  const signatures = getOwn(returned, 'signatures');
  const theirs = isJsonObject(signatures) ? getOwn(signatures, server) : undefined;
  if (!isJsonObject(theirs)) return undefined;
  const good = Object.entries(theirs).filter(
    ([keyId, value]) => isEd25519KeyId(keyId) && isText(keyId) && isText(value),
  );
  return good.length === 0 ? undefined : Object.fromEntries(good.slice(0, mostSignatures));
}

function isText(value: JsonValue): boolean {
  return typeof value === 'string' && value.length <= longestText && value.isWellFormed();
}
