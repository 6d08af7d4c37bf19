import { canonicalJson } from '../json/canonical.ts';
import { getOwn, isJsonObject, setOwn, type JsonObject, type JsonValue } from '../json/value.ts';
import { isEd25519KeyId, type SigningKey, type VerifyKey } from './keys.ts';

/** Finds the key of an entity (a server, a user) by its id; undefined if it isn't known or not valid for the purpose. */
export type FindVerifyKey = (entity: string, keyId: string) => VerifyKey | undefined;

/** What is signed of an object: the canonical JSON without `signatures` and `unsigned`. Throws CanonicalJsonError. */
export function signableJson(object: JsonObject): string {
  const { signatures: _signatures, unsigned: _unsigned, ...rest } = object;
  return canonicalJson(rest);
}

/**
 * A copy of the object with a signature added to `signatures` (Appendices, "Signing Details"). Throws CanonicalJsonError.
 */
export function signJson<T extends JsonObject>(
  object: T,
  entity: string,
  key: SigningKey,
): T & { signatures: JsonObject } {
  return {
    ...object,
    signatures: addSignature(object['signatures'], entity, key.keyId, key.sign(signableJson(object))),
  };
}

/** A copy of `signatures` with one more. */
export function addSignature(
  signatures: JsonValue | undefined,
  entity: string,
  keyId: string,
  signature: string,
): JsonObject {
  const all: JsonObject = isJsonObject(signatures) ? { ...signatures } : {};
  const own = getOwn(all, entity);
  const ofEntity: JsonObject = isJsonObject(own) ? { ...own } : {};
  setOwn(ofEntity, keyId, signature);
  setOwn(all, entity, ofEntity);
  return all;
}

export type SignatureProblem = 'no-signature' | 'no-known-key' | 'bad-signature';

/**
 * Checks an entity's signatures of an object (Appendices, "Checking for a Signature"). All those by keys that are known
 * must be good, and there must be one. Throws CanonicalJsonError.
 */
export function verifyJson(object: JsonObject, entity: string, findKey: FindVerifyKey): SignatureProblem | undefined {
  return verifySignatures(signableJson(object), object['signatures'], entity, findKey);
}

/** Whether a signature by a key of an entity is a good one of a text. */
export type IsGoodSignature = (key: VerifyKey, text: string, signature: string, entity: string) => boolean;

/** As verifyJson, for the text that was signed. `isGood` may know the answer already. */
export function verifySignatures(
  text: string,
  signatures: JsonValue | undefined,
  entity: string,
  findKey: FindVerifyKey,
  isGood: IsGoodSignature = (key, signed, signature) => key.verify(signed, signature),
): SignatureProblem | undefined {
  const own = isJsonObject(signatures) ? getOwn(signatures, entity) : undefined;
  if (!isJsonObject(own)) return 'no-signature';
  const keyIds = Object.keys(own).filter(isEd25519KeyId);
  if (keyIds.length === 0) return 'no-signature';
  let known = 0;
  for (const keyId of keyIds) {
    const key = findKey(entity, keyId);
    if (!key) continue;
    known++;
    const signature = own[keyId];
    if (typeof signature !== 'string' || !isGood(key, text, signature, entity)) return 'bad-signature';
  }
  return known > 0 ? undefined : 'no-known-key';
}
