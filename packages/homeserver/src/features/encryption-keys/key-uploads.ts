import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { Device, Devices } from '../devices/index.ts';
import type { DeviceKeyStore } from './device-key-store.ts';
import type { DeviceListLog } from './device-list-log.ts';
import { canonicalText, isSameKey } from './key-checks.ts';
import type { KeyCounts, OneTimeKeys, UploadedKey } from './one-time-keys.ts';
import type { SignatureStore } from './signature-store.ts';

export interface KeyUpload {
  readonly deviceKeys: JsonObject | undefined;
  /** By `algorithm:id`. */
  readonly oneTimeKeys: Readonly<Record<string, JsonValue>>;
  readonly fallbackKeys: Readonly<Record<string, JsonValue>>;
}

export interface KeyUploadsParts {
  readonly database: Database;
  readonly devices: Devices;
  readonly deviceKeys: DeviceKeyStore;
  readonly oneTimeKeys: OneTimeKeys;
  readonly signatures: SignatureStore;
  readonly log: DeviceListLog;
}

/** As canonical JSON, in characters. */
const largestDeviceKeys = 65_536;
const largestKey = 16_384;
const longestAlgorithm = 100;
const longestKeyId = 255;

/** Takes the keys that devices publish. Client-Server API §POST /keys/upload. */
export class KeyUploads {
  readonly #parts: KeyUploadsParts;

  constructor(parts: KeyUploadsParts) {
    this.#parts = parts;
  }

  /** Stores the keys of the requester's device; resolves to the counts of its one-time keys. */
  async upload(requester: Requester, upload: KeyUpload): Promise<KeyCounts> {
    const { database, devices, oneTimeKeys } = this.#parts;
    const nid = requester.device;
    if (nid === undefined)
      throw new MatrixError('M_UNKNOWN', 'To upload keys, you must pass device_id when authenticating');
    const deviceKeys = upload.deviceKeys && deviceKeysText(upload.deviceKeys, requester);
    const oneTime = uploadedKeys(upload.oneTimeKeys, 'one_time_keys');
    const fallbacks = uploadedKeys(upload.fallbackKeys, 'fallback_keys');
    if (deviceKeys === undefined && oneTime.length === 0 && fallbacks.length === 0) return oneTimeKeys.counts(nid);

    const counts = await database.transact(async (writer) => {
      await oneTimeKeys.lock(writer, nid);
      // It may have been logged out since the request came.
      const device = await devices.get(nid, writer);
      if (!device) throw new MatrixError('M_UNKNOWN_TOKEN', 'The device was logged out');
      if (deviceKeys !== undefined) await this.#putDeviceKeys(writer, device, deviceKeys);
      if (fallbacks.length > 0) await oneTimeKeys.setFallbacks(writer, nid, fallbacks);
      return oneTime.length > 0 ? oneTimeKeys.add(writer, nid, oneTime) : undefined;
    });
    return counts ?? oneTimeKeys.counts(nid);
  }

  async #putDeviceKeys(writer: Writer, device: Device, keys: string): Promise<void> {
    const { deviceKeys, signatures, log } = this.#parts;
    const old = await deviceKeys.of(device.nid, writer);
    if (old === keys) return;
    await deviceKeys.put(writer, device, keys);
    // Other keys under the same id: what was signed of the old ones, or by them, says nothing of these.
    if (old !== undefined && !isSameKey(keys, old)) {
      await signatures.deleteOfKey(writer, device.user, device.deviceId);
      await signatures.deleteOwnBy(writer, device.user, `ed25519:${device.deviceId}`);
    }
    await log.changed(writer, device.user, [device.deviceId]);
  }
}

function deviceKeysText(keys: JsonObject, requester: Pick<Requester, 'userId' | 'deviceId'>): string {
  if (keys['user_id'] !== requester.userId)
    throw new MatrixError('M_BAD_JSON', 'The user_id of the device_keys is not yours');
  if (keys['device_id'] !== requester.deviceId)
    throw new MatrixError('M_BAD_JSON', 'The device_id of the device_keys is not that of your device');
  // What servers add to keys is theirs to say.
  const { unsigned: _unsigned, ...signed } = keys;
  const text = canonicalText(signed);
  if (text.length > largestDeviceKeys) throw new MatrixError('M_TOO_LARGE', 'The device_keys are too large');
  return text;
}

function uploadedKeys(keys: Readonly<Record<string, JsonValue>>, member: string): UploadedKey[] {
  return Object.entries(keys).map(([name, value]) => {
    const [algorithm, keyId, ...more] = name.split(':');
    if (!algorithm || !keyId || more.length > 0 || algorithm.length > longestAlgorithm || keyId.length > longestKeyId) {
      throw new MatrixError('M_BAD_JSON', `A member of '${member}' is not named '<algorithm>:<key_id>'`);
    }
    const key = canonicalText(value);
    if (key.length > largestKey) throw new MatrixError('M_TOO_LARGE', `A key in '${member}' is too large`);
    return { algorithm: plainText(algorithm), keyId: plainText(keyId), key };
  });
}

function plainText(text: string): string {
  canonicalText(text);
  return text;
}
