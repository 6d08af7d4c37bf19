import { MatrixError } from '@myelin/api';
import { getOwn, isJsonObject, setOwn, VerifyKey, verifySignatures, type JsonObject } from '@myelin/protocol';
import type { CrossSigningUsage } from './cross-signing-store.ts';
import { signableText } from './key-checks.ts';

/** A cross-signing key holds one public key, whose id is the key itself. */
export function publicKeyOf(key: JsonObject, usage: CrossSigningUsage, userId: string): string {
  const { user_id: user, usage: usages, keys } = key;
  const entries = isJsonObject(keys) ? Object.entries(keys) : [];
  const [keyId, publicKey] = entries[0] ?? [];
  const isRight = user === userId && Array.isArray(usages) && usages.includes(usage) && entries.length === 1;
  if (!isRight || typeof publicKey !== 'string' || keyId !== `ed25519:${publicKey}` || !isPublicKey(publicKey)) {
    throw new MatrixError('M_INVALID_PARAM', `Invalid ${usage} key`);
  }
  return publicKey;
}

/** 32 bytes in unpadded base64, so that a key has one name only. */
function isPublicKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}$/.test(text) && VerifyKey.fromBase64(text) !== undefined;
}

/**
 * The signatures by keys that are known, all of them good. Others are left out, because they can't be checked. Throws
 * M_INVALID_SIGNATURE; a key that isn't the master key must be signed.
 */
export function verifiedSignatures(
  key: JsonObject,
  usage: CrossSigningUsage,
  userId: string,
  signers: ReadonlyMap<string, string>,
): JsonObject | undefined {
  const signatures = isJsonObject(key['signatures']) ? getOwn(key['signatures'], userId) : undefined;
  const known: JsonObject = {};
  if (isJsonObject(signatures)) {
    for (const [keyId, signature] of Object.entries(signatures))
      if (signers.has(keyId)) setOwn(known, keyId, signature);
  }
  if (usage === 'master' && Object.keys(known).length === 0) return undefined;
  const problem = verifySignatures(signableText(key), { [userId]: known }, userId, (_user, keyId) =>
    VerifyKey.fromBase64(signers.get(keyId) ?? ''),
  );
  if (problem) throw new MatrixError('M_INVALID_SIGNATURE', `Invalid signature on ${usage} key`);
  return known;
}

export function withoutSignatures(key: JsonObject): JsonObject {
  const { signatures: _signatures, unsigned: _unsigned, ...rest } = key;
  return rest;
}
