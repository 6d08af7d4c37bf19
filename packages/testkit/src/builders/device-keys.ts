import { createHash } from 'node:crypto';
import { encodeBase64, signJson, SigningKey, type JsonObject } from '@myelin/protocol';

/** Whose keys are made, as a test's client knows them. */
export interface KeyOwner {
  readonly userId: string | undefined;
  readonly deviceId: string | undefined;
}

/** 32 bytes that are the same for the same name. */
function seed(name: string): Uint8Array {
  return createHash('sha256').update(name).digest();
}

/** A curve25519 key as far as a server can tell. */
export function curveKey(name: string): string {
  return encodeBase64(seed(`curve ${name}`));
}

/** The signing key of a device. */
export function deviceKey({ userId, deviceId }: KeyOwner): SigningKey {
  return new SigningKey(`ed25519:${deviceId}`, seed(`${userId} ${deviceId}`));
}

/** `device_keys` of an upload, signed. */
export function deviceKeysOf(owner: KeyOwner, more: JsonObject = {}): JsonObject {
  const { userId, deviceId } = owner;
  const key = deviceKey(owner);
  return signJson(
    {
      user_id: userId as string,
      device_id: deviceId as string,
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: { [`curve25519:${deviceId}`]: curveKey(`${userId} ${deviceId}`), [key.keyId]: key.publicKey },
      ...more,
    },
    userId as string,
    key,
  );
}

/** Signed one-time keys with these ids. */
export function oneTimeKeysOf(
  owner: KeyOwner,
  ids: readonly string[],
  more: JsonObject = {},
): Record<string, JsonObject> {
  return Object.fromEntries(
    ids.map((id) => [
      `signed_curve25519:${id}`,
      signJson({ key: curveKey(`${owner.deviceId} ${id}`), ...more }, owner.userId as string, deviceKey(owner)),
    ]),
  );
}

/** A signing key whose id is its public key, as cross-signing keys have. */
export function crossSigningKey(name: string): SigningKey {
  const publicKey = new SigningKey('ed25519:x', seed(name)).publicKey;
  return new SigningKey(`ed25519:${publicKey}`, seed(name));
}

export interface CrossSigningKeys {
  readonly master: SigningKey;
  readonly selfSigning: SigningKey;
  readonly userSigning: SigningKey;
  /** The body of an upload. */
  readonly body: {
    readonly master_key: JsonObject;
    readonly self_signing_key: JsonObject;
    readonly user_signing_key: JsonObject;
  };
}

/** A user's three keys. */
export function crossSigningKeysOf({ userId }: KeyOwner, name = 'first'): CrossSigningKeys {
  const [master, selfSigning, userSigning] = ['master', 'self', 'user'].map((usage) =>
    crossSigningKey(`${userId} ${usage} ${name}`),
  ) as [SigningKey, SigningKey, SigningKey];
  const signed = (key: SigningKey, usage: string): JsonObject =>
    signJson(publicPart(userId as string, key, usage), userId as string, master);
  return {
    master,
    selfSigning,
    userSigning,
    body: {
      master_key: publicPart(userId as string, master, 'master'),
      self_signing_key: signed(selfSigning, 'self_signing'),
      user_signing_key: signed(userSigning, 'user_signing'),
    },
  };
}

export function publicPart(userId: string, key: SigningKey, usage: string): JsonObject {
  return { user_id: userId, usage: [usage], keys: { [key.keyId]: key.publicKey } };
}
