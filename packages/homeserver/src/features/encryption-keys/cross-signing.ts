import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Devices } from '../devices/index.ts';
import type { UserNid } from '../names/index.ts';
import { publicKeyOf, verifiedSignatures, withoutSignatures } from './cross-signing-checks.ts';
import {
  crossSigningUsages,
  type CrossSigningStore,
  type CrossSigningUsage,
  type StoredCrossSigningKey,
} from './cross-signing-store.ts';
import type { DeviceKeyStore } from './device-key-store.ts';
import type { DeviceListLog } from './device-list-log.ts';
import { canonicalText, ed25519KeyOf, isSameKey, type Owner } from './key-checks.ts';
import type { SignatureStore } from './signature-store.ts';

export interface CrossSigningParts {
  readonly database: Database;
  readonly devices: Devices;
  readonly deviceKeys: DeviceKeyStore;
  readonly crossSigning: CrossSigningStore;
  readonly signatures: SignatureStore;
  readonly log: DeviceListLog;
}

/** The uploaded keys by what they are for. */
export type CrossSigningUpload = ReadonlyMap<CrossSigningUsage, JsonObject>;

type StoredKeys = ReadonlyMap<CrossSigningUsage, StoredCrossSigningKey>;

/** Largest key, as canonical JSON, in characters. */
const largestKey = 65_536;

/** Cross-signing keys. Client-Server API §"Cross-signing". */
export class CrossSigning {
  readonly #parts: CrossSigningParts;

  constructor(parts: CrossSigningParts) {
    this.#parts = parts;
  }

  /**
   * Stores a user's keys. Resolves to false, and stores nothing, if the user must prove who they are first: there is a
   * master key already, the upload says something new, and `isAuthenticated` is false.
   */
  async upload(owner: Owner, upload: CrossSigningUpload, isAuthenticated: boolean): Promise<boolean> {
    return this.#parts.database.transact(async (writer) => {
      const stored = await this.#parts.crossSigning.ofUser(owner.user, writer);
      const keys = await this.#check(owner, upload, stored, writer);
      const news = keys.filter((key) => !isSameKey(key.key, stored.get(key.usage)?.key));
      if (news.length === 0) return true;
      if (stored.has('master') && !isAuthenticated) return false;
      await this.#refuseDeviceIds(owner.user, news, writer);
      for (const key of news) await this.#store(writer, key, stored.get(key.usage));
      await this.#parts.log.changed(writer, owner.user, ['']);
      return true;
    });
  }

  /** Refuses a device whose id is that of a cross-signing key of the user: a key id must say which key it means. */
  async checkDeviceId(writer: Writer, user: UserNid, deviceId: string): Promise<void> {
    for (const key of (await this.#parts.crossSigning.ofUser(user, writer)).values()) {
      if (key.publicKey === deviceId) throw new MatrixError('M_FORBIDDEN', 'The device ID is in use', { status: 400 });
    }
  }

  async #check(
    owner: Owner,
    upload: CrossSigningUpload,
    stored: StoredKeys,
    writer: Writer,
  ): Promise<StoredCrossSigningKey[]> {
    const publicKeys = new Map<CrossSigningUsage, string>();
    for (const [usage, key] of upload) publicKeys.set(usage, publicKeyOf(key, usage, owner.userId));
    const master = publicKeys.get('master') ?? stored.get('master')?.publicKey;
    if (master === undefined) throw new MatrixError('M_MISSING_PARAM', 'No master key available');
    const keys: StoredCrossSigningKey[] = [];
    for (const usage of crossSigningUsages) {
      const key = upload.get(usage);
      if (!key) continue;
      const signers =
        usage === 'master' ? await this.#deviceSigners(owner.user, writer) : new Map([[`ed25519:${master}`, master]]);
      const signatures = verifiedSignatures(key, usage, owner.userId, signers);
      const text = canonicalText({
        ...withoutSignatures(key),
        ...(signatures ? { signatures: { [owner.userId]: signatures } } : {}),
      });
      if (text.length > largestKey) throw new MatrixError('M_TOO_LARGE', 'The key is too large');
      keys.push({ user: owner.user, usage, publicKey: publicKeys.get(usage) as string, key: text });
    }
    return keys;
  }

  /** The ed25519 keys of the user's devices by key id. */
  async #deviceSigners(user: UserNid, writer: Writer): Promise<Map<string, string>> {
    const signers = new Map<string, string>();
    for (const { deviceId, keys } of await this.#parts.deviceKeys.ofUsers([user], writer)) {
      const key = ed25519KeyOf(keys, deviceId);
      if (key !== undefined) signers.set(`ed25519:${deviceId}`, key);
    }
    return signers;
  }

  /** The other way round. */
  async #refuseDeviceIds(user: UserNid, keys: readonly StoredCrossSigningKey[], writer: Writer): Promise<void> {
    const publicKeys = new Set(keys.map((key) => key.publicKey));
    for (const device of await this.#parts.devices.ofUser(user, writer)) {
      if (publicKeys.has(device.deviceId)) throw new MatrixError('M_FORBIDDEN', 'Key ID in use');
    }
  }

  async #store(writer: Writer, key: StoredCrossSigningKey, old: StoredCrossSigningKey | undefined): Promise<void> {
    const { crossSigning, signatures } = this.#parts;
    await crossSigning.put(writer, key);
    if (!old || old.publicKey === key.publicKey) return;
    // What the old key was signed with, or has signed, says nothing any more.
    if (key.usage === 'master') await signatures.deleteOfKey(writer, key.user, old.publicKey);
    else if (key.usage === 'self_signing') await signatures.deleteOwnBy(writer, key.user, `ed25519:${old.publicKey}`);
    else await signatures.deleteOfOthersBy(writer, key.user, `ed25519:${old.publicKey}`);
  }
}
