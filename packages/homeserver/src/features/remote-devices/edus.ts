import { isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { EduHandler } from '../federation-inbound/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import { isUserOf } from './is-user-of.ts';
import type { PossibleMembers } from './possible-members.ts';
import type { RemoteDeviceLists } from './remote-device-lists.ts';
import { crossSigningKey, deviceText, isDeviceId, isSignedBy } from './remote-key-checks.ts';
import type { SharedRooms } from './shared-rooms.ts';

export interface DeviceEdusParts {
  readonly names: Names;
  readonly lists: RemoteDeviceLists;
  readonly shared: SharedRooms;
  readonly possible: PossibleMembers;
}

/** Updates of which one can name others before it, as many as servers that write at once. */
const mostPrevious = 20;

/** m.device_list_update. Server-Server API §"Device Management". */
export function deviceListUpdateHandler({ names, lists, shared, possible }: DeviceEdusParts): EduHandler {
  return async (origin, content) => {
    const { user_id: userId, device_id: deviceId, stream_id: streamId, deleted, keys } = content;
    if (!isUserOf(userId, origin) || !isDeviceId(deviceId) || !isStreamId(streamId)) return;
    const user = await knownUser(names, shared, origin, userId);
    if (user === undefined) return possible.changed(origin, userId);
    const isGone = deleted === true || keys === undefined || keys === null;
    const text = isGone ? undefined : deviceText(userId, deviceId, keys, content['device_display_name']);
    const previous = content['prev_id'] ?? [];
    const prevIds = Array.isArray(previous) && previous.length <= mostPrevious ? previous.filter(isStreamId) : [];
    // Keys that aren't that device's: what the list looks like its server must tell.
    const isBroken = (!isGone && text === undefined) || prevIds.length !== (previous as unknown[]).length;
    await lists.update(user, { deviceId, keys: text, streamId, prevIds: isBroken ? [] : prevIds });
  };
}

/** m.signing_key_update. Server-Server API §"End-to-End Encryption". */
export function signingKeyUpdateHandler({ names, lists, shared, possible }: DeviceEdusParts): EduHandler {
  return async (origin, content) => {
    const { user_id: userId } = content;
    if (!isUserOf(userId, origin)) return;
    const user = await knownUser(names, shared, origin, userId);
    if (user === undefined) return possible.changed(origin, userId);
    const known = (await lists.known([user])).get(user);
    const master = crossSigningKey(userId, 'master', content['master_key']);
    const selfSigning = crossSigningKey(userId, 'self_signing', content['self_signing_key']);
    const signer = master ?? known?.master;
    const isSigned = selfSigning && signer && isSignedBy(selfSigning.text, userId, signer.publicKey);
    if (!master && !isSigned && known) return;
    await lists.updateKeys(user, { master, selfSigning: isSigned ? selfSigning : undefined });
  };
}

/**
 * For messages to devices: who asks for keys from a device that isn't known here has one that we haven't heard of.
 */
export function unknownDeviceCheck({ names, lists, shared }: Omit<DeviceEdusParts, 'possible'>) {
  return async (origin: string, content: JsonObject): Promise<void> => {
    if (content['type'] !== 'm.room_key_request') return;
    const user = await knownUser(names, shared, origin, content['sender']);
    const known = user === undefined ? undefined : (await lists.known([user])).get(user);
    if (user === undefined || !known || known.isStale) return;
    for (const deviceId of requestingDevices(content['messages'])) {
      if (known.devices.has(deviceId)) continue;
      await lists.doubt(user);
      return;
    }
  };
}

function* requestingDevices(messages: JsonValue | undefined): Generator<string> {
  for (const byDevice of isJsonObject(messages) ? Object.values(messages) : []) {
    for (const message of isJsonObject(byDevice) ? Object.values(byDevice) : []) {
      const deviceId = isJsonObject(message) ? message['requesting_device_id'] : undefined;
      if (typeof deviceId === 'string') yield deviceId;
    }
  }
}

/** A user of the origin with whom a room is shared. */
async function knownUser(
  names: Names,
  shared: SharedRooms,
  origin: string,
  userId: JsonValue | undefined,
): Promise<UserNid | undefined> {
  if (!isUserOf(userId, origin)) return undefined;
  const user = await names.findUser(userId);
  return user !== undefined && (await shared.sharesRoom(user)) ? user : undefined;
}

function isStreamId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
