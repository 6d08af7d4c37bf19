import type { Database, Writer } from '@myelin/database';
import { addSignature, canonicalJson, type JsonObject } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import type { Device, Devices } from '../devices/index.ts';
import type { UserNid } from '../names/index.ts';
import type { CrossSigningStore, StoredCrossSigningKey } from './cross-signing-store.ts';
import type { DeviceKeyStore, StoredDeviceKeys } from './device-key-store.ts';
import type { KeySignature, SignatureStore } from './signature-store.ts';

/** The keys of a user as everybody may see them, as JSON texts; `userSigning` is for the user alone. */
export interface UserKeys {
  /** By device id. */
  readonly devices: ReadonlyMap<string, string>;
  readonly master: { readonly publicKey: string; readonly text: string } | undefined;
  readonly selfSigning: string | undefined;
  readonly userSigning: string | undefined;
}

export interface KeyDirectoryParts {
  readonly database: Database;
  readonly devices: Devices;
  readonly deviceKeys: DeviceKeyStore;
  readonly crossSigning: CrossSigningStore;
  readonly signatures: SignatureStore;
  readonly cacheBytes: number;
}

/** About what an entry takes besides its texts, in bytes. */
const entryOverhead = 300;

/** The keys of local users put together from what was uploaded, with a cache of those asked for last. */
export class KeyDirectory {
  readonly #parts: KeyDirectoryParts;
  readonly #cache: LRUCache<UserNid, UserKeys>;
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  constructor(parts: KeyDirectoryParts) {
    this.#parts = parts;
    this.#cache = new LRUCache({ maxSize: parts.cacheBytes, sizeCalculation: sizeOf });
  }

  async of(users: readonly UserNid[]): Promise<ReadonlyMap<UserNid, UserKeys>> {
    const found = new Map<UserNid, UserKeys>();
    const missing: UserNid[] = [];
    for (const user of users) {
      const cached = this.#cache.get(user);
      if (cached) found.set(user, cached);
      else missing.push(user);
    }
    if (missing.length > 0) for (const [user, keys] of await this.#load(missing)) found.set(user, keys);
    return found;
  }

  /** To be called in each transaction that changes keys, signatures or names of devices of a user. */
  invalidate(writer: Writer, user: UserNid): void {
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(user);
    });
  }

  async #load(users: readonly UserNid[]): Promise<Map<UserNid, UserKeys>> {
    const before = this.#changes;
    const { deviceKeys, crossSigning, signatures, devices, database } = this.#parts;
    const [keys, crossSigningKeys, own, owners] = await database.read(async (reader) => [
      Map.groupBy(await deviceKeys.ofUsers(users, reader), (each) => each.user),
      Map.groupBy(await crossSigning.ofUsers(users, reader), (each) => each.user),
      Map.groupBy(await signatures.own(users, reader), (each) => each.target),
      await devices.ofUsers(users, reader),
    ]);
    const loaded = new Map<UserNid, UserKeys>();
    for (const user of users) {
      const entry = userKeys(
        keys.get(user) ?? [],
        crossSigningKeys.get(user) ?? [],
        own.get(user) ?? [],
        owners.get(user) ?? [],
      );
      loaded.set(user, entry);
      if (before === this.#changes) this.#cache.set(user, entry);
    }
    return loaded;
  }
}

/** The text of a key with one more signature. */
export function withSignature(text: string, entity: string, keyId: string, signature: string): string {
  const key = JSON.parse(text) as JsonObject;
  return canonicalJson({ ...key, signatures: addSignature(key['signatures'], entity, keyId, signature) });
}

function userKeys(
  deviceKeys: readonly StoredDeviceKeys[],
  crossSigningKeys: readonly StoredCrossSigningKey[],
  own: readonly KeySignature[],
  devicesOfUser: readonly Device[],
): UserKeys {
  const byTarget = Map.groupBy(own, (each) => each.targetKey);
  const displayNames = new Map(devicesOfUser.map((device) => [device.nid, device.displayName]));
  const devices = new Map<string, string>();
  for (const { device, deviceId, keys } of deviceKeys) {
    const displayName = displayNames.get(device);
    const unsigned = displayName === undefined ? '{}' : `{"device_display_name":${JSON.stringify(displayName)}}`;
    devices.set(deviceId, `${signed(keys, byTarget.get(deviceId)).slice(0, -1)},"unsigned":${unsigned}}`);
  }
  const crossSigning = new Map(crossSigningKeys.map((key) => [key.usage, key]));
  const master = crossSigning.get('master');
  return {
    devices,
    master: master && { publicKey: master.publicKey, text: signed(master.key, byTarget.get(master.publicKey)) },
    selfSigning: crossSigning.get('self_signing')?.key,
    userSigning: crossSigning.get('user_signing')?.key,
  };
}

/** All keys name their user, so that the signatures of their own can be put in. */
function signed(text: string, signatures: readonly KeySignature[] | undefined): string {
  if (!signatures) return text;
  const key = JSON.parse(text) as JsonObject;
  let all = key['signatures'];
  for (const { signingKey, signature } of signatures)
    all = addSignature(all, key['user_id'] as string, signingKey, signature);
  return canonicalJson({ ...key, signatures: all as JsonObject });
}

function sizeOf(keys: UserKeys): number {
  let size =
    entryOverhead + (keys.master?.text.length ?? 0) + (keys.selfSigning?.length ?? 0) + (keys.userSigning?.length ?? 0);
  for (const [deviceId, text] of keys.devices) size += deviceId.length + text.length + 100;
  return size;
}
