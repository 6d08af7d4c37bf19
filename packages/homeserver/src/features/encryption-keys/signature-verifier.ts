import { MatrixError } from '@myelin/api';
import type { Reader } from '@myelin/database';
import { getOwn, isJsonObject, VerifyKey, type JsonObject } from '@myelin/protocol';
import type { UserNid } from '../names/index.ts';
import type { CrossSigningStore, StoredCrossSigningKey } from './cross-signing-store.ts';
import type { DeviceKeyStore } from './device-key-store.ts';
import { ed25519KeyOf, signableText, type Owner } from './key-checks.ts';
import type { KeySignature } from './signature-store.ts';

export interface VerifierParts {
  readonly deviceKeys: DeviceKeyStore;
  readonly crossSigning: CrossSigningStore;
}

interface OwnKeys {
  /** The keys of devices by device id. */
  readonly devices: ReadonlyMap<string, string>;
  readonly crossSigning: ReadonlyMap<string, StoredCrossSigningKey>;
}

/** Checks signatures against the keys as the server has them. */
export class SignatureVerifier {
  readonly #owner: Owner;
  readonly #parts: VerifierParts;
  readonly #reader: Reader;
  #own: OwnKeys | undefined;

  constructor(owner: Owner, parts: VerifierParts, reader: Reader) {
    this.#owner = owner;
    this.#parts = parts;
    this.#reader = reader;
  }

  /** A device signed by the self-signing key, or the master key signed by devices. */
  async ownKey(keyId: string, key: JsonObject): Promise<KeySignature[]> {
    const { devices, crossSigning } = await this.#ownKeys();
    const master = crossSigning.get('master');
    if (master && keyId === master.publicKey) return this.#masterByDevices(master, key, devices);
    const stored = devices.get(keyId);
    if (stored === undefined) throw new MatrixError('M_NOT_FOUND', 'Unknown device');
    const selfSigning = crossSigning.get('self_signing');
    if (!selfSigning) throw new MatrixError('M_NOT_FOUND', 'No self_signing key found');
    return [
      this.#signature(this.#owner.user, keyId, stored, key, `ed25519:${selfSigning.publicKey}`, selfSigning.publicKey),
    ];
  }

  /** Another user's master key signed by the user-signing key. `remote`: what their server says it is, if it isn't kept. */
  async otherKey(
    target: UserNid | undefined,
    keyId: string,
    key: JsonObject,
    remote?: { readonly publicKey: string; readonly text: string },
  ): Promise<KeySignature> {
    const userSigning = (await this.#ownKeys()).crossSigning.get('user_signing');
    if (!userSigning) throw new MatrixError('M_NOT_FOUND', 'No user_signing key found');
    const stored =
      target === undefined ? undefined : (await this.#parts.crossSigning.ofUser(target, this.#reader)).get('master');
    const fetched = remote && target !== undefined && { user: target, publicKey: remote.publicKey, key: remote.text };
    const master = stored ?? fetched;
    if (!master || master.publicKey !== keyId) throw new MatrixError('M_NOT_FOUND', 'Unknown device');
    return this.#signature(
      master.user,
      keyId,
      master.key,
      key,
      `ed25519:${userSigning.publicKey}`,
      userSigning.publicKey,
    );
  }

  #masterByDevices(
    master: StoredCrossSigningKey,
    key: JsonObject,
    devices: ReadonlyMap<string, string>,
  ): KeySignature[] {
    const signingKeys = Object.keys(this.#signaturesOf(key)).filter(
      (id) => id.startsWith('ed25519:') && id !== `ed25519:${master.publicKey}`,
    );
    if (signingKeys.length === 0) throw invalidSignature();
    return signingKeys.map((signingKey) => {
      const deviceId = signingKey.slice('ed25519:'.length);
      const deviceKeys = devices.get(deviceId);
      const publicKey = deviceKeys === undefined ? undefined : ed25519KeyOf(deviceKeys, deviceId);
      if (publicKey === undefined) throw invalidSignature();
      return this.#signature(master.user, master.publicKey, master.key, key, signingKey, publicKey);
    });
  }

  /** The checked signature; the key must be the one that the server has. */
  #signature(
    target: UserNid,
    targetKey: string,
    storedKey: string,
    key: JsonObject,
    signingKey: string,
    publicKey: string,
  ): KeySignature {
    const signature = getOwn(this.#signaturesOf(key), signingKey);
    if (typeof signature !== 'string') throw invalidSignature();
    const text = signableText(JSON.parse(storedKey) as JsonObject);
    if (text !== signableText(key)) throw new MatrixError('M_UNKNOWN', 'Key does not match');
    if (!VerifyKey.fromBase64(publicKey)?.verify(text, signature)) throw invalidSignature();
    return { target, signer: this.#owner.user, targetKey, signingKey, signature };
  }

  #signaturesOf(key: JsonObject): JsonObject {
    const own = isJsonObject(key['signatures']) ? getOwn(key['signatures'], this.#owner.userId) : undefined;
    if (!isJsonObject(own)) throw invalidSignature();
    return own;
  }

  async #ownKeys(): Promise<OwnKeys> {
    const { deviceKeys, crossSigning } = this.#parts;
    this.#own ??= {
      devices: new Map(
        (await deviceKeys.ofUsers([this.#owner.user], this.#reader)).map((each) => [each.deviceId, each.keys]),
      ),
      crossSigning: await crossSigning.ofUser(this.#owner.user, this.#reader),
    };
    return this.#own;
  }
}

function invalidSignature(): MatrixError {
  return new MatrixError('M_INVALID_SIGNATURE', 'Invalid signature');
}
