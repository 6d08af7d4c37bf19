import type { federation, ResponseOf } from '@myelin/api';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import { crossSigningKeys, deviceText, mostDevicesOfUser, type CheckedKeys } from './remote-key-checks.ts';

/** What GET /user/devices answers, device by device; undefined if it is about another user. */
export function readUserDevices(
  userId: string,
  answer: ResponseOf<typeof federation.getUserDevices>,
): { keys: CheckedKeys; streamId: number } | undefined {
  if (answer.user_id !== userId || !Number.isSafeInteger(answer.stream_id)) return undefined;
  const devices = new Map<string, string>();
  for (const device of answer.devices) {
    if (devices.size >= mostDevicesOfUser) break;
    if (!isJsonObject(device)) continue;
    const { device_id: deviceId, keys, device_display_name: name } = device;
    if (typeof deviceId !== 'string') continue;
    const text = deviceText(userId, deviceId, keys, name);
    if (text !== undefined) devices.set(deviceId, text);
  }
  return {
    keys: { devices, ...crossSigningKeys(userId, answer.master_key, answer.self_signing_key) },
    streamId: answer.stream_id,
  };
}

/** What POST /user/keys/query answers of one user, device by device. */
export function readKeys(userId: string, answer: ResponseOf<typeof federation.queryUserEncryptionKeys>): CheckedKeys {
  const devices = new Map<string, string>();
  for (const [deviceId, keys] of Object.entries(ofUser(answer.device_keys as JsonObject, userId))) {
    if (devices.size >= mostDevicesOfUser) break;
    const text = deviceText(userId, deviceId, keys, undefined);
    if (text !== undefined) devices.set(deviceId, text);
  }
  const key = (all: unknown): JsonValue | undefined => (isJsonObject(all) ? getOwn(all, userId) : undefined);
  return { devices, ...crossSigningKeys(userId, key(answer.master_keys), key(answer.self_signing_keys)) };
}

function ofUser(all: JsonObject, userId: string): JsonObject {
  const found = getOwn(all, userId);
  return isJsonObject(found) ? found : {};
}
