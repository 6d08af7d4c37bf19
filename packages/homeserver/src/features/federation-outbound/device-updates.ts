import { canonicalJson, parseJson, type JsonObject } from '@myelin/protocol';
import type { Names, UserNid } from '../names/index.ts';
import type { DeviceListItem, RenderedItem } from './item.ts';

/** What other servers may know of a device and of cross-signing keys. Implemented by `features/encryption-keys`. */
export interface DeviceFacts {
  /** undefined: there is no such device. `keys`: JSON text. */
  device(
    user: UserNid,
    deviceId: string,
  ): Promise<{ readonly displayName: string | undefined; readonly keys: string | undefined } | undefined>;
  /** A user's devices, the newest first, and when they changed last; 0: never. */
  devicesOf(user: UserNid): Promise<{ readonly deviceIds: readonly string[]; readonly position: number }>;
  /** JSON texts. */
  crossSigning(
    user: UserNid,
  ): Promise<{ readonly master: string | undefined; readonly selfSigning: string | undefined }>;
}

/** Devices of a user that are told to servers that the user meets. */
const mostIntroduced = 10;

/** Changes of devices and keys as EDUs. Server-Server API §"Device Management", §"End-to-End Encryption". */
export class DeviceUpdates {
  readonly #names: Names;
  readonly #facts: DeviceFacts;
  readonly #withNames: boolean;

  /** `withNames`: `allow_device_name_lookup_over_federation`. */
  constructor(names: Names, facts: DeviceFacts, withNames: boolean) {
    this.#names = names;
    this.#facts = facts;
    this.#withNames = withNames;
  }

  /** undefined: there is nothing to say. */
  async render(item: DeviceListItem): Promise<RenderedItem | undefined> {
    const userId = await this.#names.userId(item.user);
    return item.deviceId === '' ? this.#signingKeys(item.user, userId) : this.#device(item, userId);
  }

  /** The newest devices of a user, for servers that haven't heard of the user: who follows them asks for the rest. */
  async introduce(user: UserNid): Promise<RenderedItem[]> {
    const [userId, { deviceIds, position }] = [await this.#names.userId(user), await this.#facts.devicesOf(user)];
    const introduced: RenderedItem[] = [];
    for (const deviceId of deviceIds.slice(0, mostIntroduced))
      introduced.push(
        await this.#device({ kind: 'device-list', user, deviceId, position, previous: position }, userId),
      );
    return introduced;
  }

  async #device({ user, deviceId, position, previous }: DeviceListItem, userId: string): Promise<RenderedItem> {
    const device = await this.#facts.device(user, deviceId);
    const content: JsonObject = {
      user_id: userId,
      device_id: deviceId,
      stream_id: position,
      prev_id: previous === 0 ? [] : [previous],
    };
    if (!device) content['deleted'] = true;
    else {
      if (device.keys !== undefined) content['keys'] = parsed(device.keys);
      if (device.displayName !== undefined && this.#withNames) content['device_display_name'] = device.displayName;
    }
    return eduOf('m.device_list_update', content);
  }

  async #signingKeys(user: UserNid, userId: string): Promise<RenderedItem | undefined> {
    const { master, selfSigning } = await this.#facts.crossSigning(user);
    if (master === undefined && selfSigning === undefined) return undefined;
    return eduOf('m.signing_key_update', {
      user_id: userId,
      ...(master === undefined ? {} : { master_key: parsed(master) }),
      ...(selfSigning === undefined ? {} : { self_signing_key: parsed(selfSigning) }),
    });
  }
}

function eduOf(type: string, content: JsonObject): RenderedItem {
  return { kind: 'edu', name: type, text: canonicalJson({ edu_type: type, content }, 'lenient') };
}

function parsed(text: string): JsonObject {
  const result = parseJson(text);
  if (!result.ok) throw new Error('A stored key is not JSON');
  return result.value as JsonObject;
}
