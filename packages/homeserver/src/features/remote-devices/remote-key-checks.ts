import {
  canonicalJson,
  CanonicalJsonError,
  getOwn,
  isJsonObject,
  signableJson,
  VerifyKey,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';
import { publicKeyOf, type CrossSigningUsage } from '../encryption-keys/index.ts';

/** Devices of one user that are taken notice of, as with Synapse. */
export const mostDevicesOfUser = 1_000;
/** Of one device's keys or one cross-signing key as canonical JSON, in characters. */
const largestKeys = 65_536;
const longestDeviceId = 512;
const longestDisplayName = 512;

/** A cross-signing key with its public part. */
export interface CheckedKey {
  readonly publicKey: string;
  /** Canonical JSON. */
  readonly text: string;
}

/** Keys of a user as they are kept and shown. */
export interface CheckedKeys {
  /** By device id, as clients get them. */
  readonly devices: ReadonlyMap<string, string>;
  readonly master: CheckedKey | undefined;
  readonly selfSigning: CheckedKey | undefined;
}

/**
 * The keys of a device as clients get them, or undefined for what isn't that device's: keys of another user or device,
 * of wrong shapes, with a bad signature by the device itself, too large. (Without any signature they are passed on, as with Synapse:
 * clients don't use them.)
 */
export function deviceText(
  userId: string,
  deviceId: string,
  keys: JsonValue | undefined,
  displayName: unknown,
): string | undefined {
  if (!isJsonObject(keys) || !isDeviceId(deviceId)) return undefined;
  if (keys['user_id'] !== userId || keys['device_id'] !== deviceId) return undefined;
  const { unsigned, signatures = {}, ...rest } = keys;
  if (!isListOfTexts(rest['algorithms']) || !isTexts(rest['keys']) || !isSignatures(signatures)) return undefined;
  const signed = { ...rest, signatures };
  const text = textOf(signed);
  if (text === undefined || text.length > largestKeys || hasBadSignature(signed, userId, deviceId)) return undefined;
  const name = displayName ?? (isJsonObject(unsigned) ? unsigned['device_display_name'] : undefined);
  return `${text.slice(0, -1)},"unsigned":${unsignedText(name)}}`;
}

/** A cross-signing key of a user, or undefined for what isn't one. */
export function crossSigningKey(userId: string, usage: CrossSigningUsage, key: unknown): CheckedKey | undefined {
  if (!isJsonObject(key)) return undefined;
  const { unsigned: _unsigned, ...signed } = key;
  const text = textOf(signed);
  if (text === undefined || text.length > largestKeys || !isSignatures(signed['signatures'] ?? {})) return undefined;
  try {
    return { publicKey: publicKeyOf(signed, usage, userId), text };
  } catch {
    return undefined;
  }
}

/** Both cross-signing keys of a user; a self-signing key that the master key hasn't signed is left out. */
export function crossSigningKeys(
  userId: string,
  master: unknown,
  selfSigning: unknown,
): { master: CheckedKey | undefined; selfSigning: CheckedKey | undefined } {
  const checkedMaster = crossSigningKey(userId, 'master', master);
  const checked = crossSigningKey(userId, 'self_signing', selfSigning);
  const isSigned = checkedMaster && checked && isSignedBy(checked.text, userId, checkedMaster.publicKey);
  return { master: checkedMaster, selfSigning: isSigned ? checked : undefined };
}

/** Whether a user's key (canonical JSON) has a good signature by another of theirs. */
export function isSignedBy(text: string, userId: string, publicKey: string): boolean {
  const key = JSON.parse(text) as JsonObject;
  const signature = signatureOf(key, userId, `ed25519:${publicKey}`);
  return signature !== undefined && VerifyKey.fromBase64(publicKey)?.verify(signableJson(key), signature) === true;
}

/** By user and key: clients read all keys of an answer or none. */
export function isSignatures(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && Object.values(value).every(isTexts);
}

function isTexts(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function isListOfTexts(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

export function isDeviceId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestDeviceId;
}

function hasBadSignature(keys: JsonObject, userId: string, deviceId: string): boolean {
  const keyId = `ed25519:${deviceId}`;
  const signature = signatureOf(keys, userId, keyId);
  const publicKey = isJsonObject(keys['keys']) ? getOwn(keys['keys'], keyId) : undefined;
  if (signature === undefined || typeof publicKey !== 'string') return false;
  return VerifyKey.fromBase64(publicKey)?.verify(signableJson(keys), signature) !== true;
}

function signatureOf(key: JsonObject, userId: string, keyId: string): string | undefined {
  const signatures = isJsonObject(key['signatures']) ? getOwn(key['signatures'], userId) : undefined;
  const signature = isJsonObject(signatures) ? getOwn(signatures, keyId) : undefined;
  return typeof signature === 'string' ? signature : undefined;
}

function textOf(value: JsonObject): string | undefined {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

function unsignedText(name: unknown): string {
  if (typeof name !== 'string') return '{}';
  return JSON.stringify({ device_display_name: name.slice(0, longestDisplayName).toWellFormed() });
}
