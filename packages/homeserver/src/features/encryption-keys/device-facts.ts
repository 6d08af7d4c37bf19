import type { Devices } from '../devices/index.ts';
import type { UserNid } from '../names/index.ts';
import type { DeviceListLog } from './device-list-log.ts';
import type { KeyDirectory } from './key-directory.ts';
import { withoutUnsigned } from './server-key-queries.ts';

/** What other servers are told of single devices and of cross-signing keys when they change. */
export class DeviceFacts {
  readonly #devices: Devices;
  readonly #directory: KeyDirectory;
  readonly #log: DeviceListLog;

  constructor(devices: Devices, directory: KeyDirectory, log: DeviceListLog) {
    this.#devices = devices;
    this.#log = log;
    this.#directory = directory;
  }

  /** undefined: there is no such device. `keys`: JSON text. */
  async device(
    user: UserNid,
    deviceId: string,
  ): Promise<{ readonly displayName: string | undefined; readonly keys: string | undefined } | undefined> {
    const device = await this.#devices.find(user, deviceId);
    if (!device) return undefined;
    const text = (await this.#directory.of([user])).get(user)?.devices.get(deviceId);
    return { displayName: device.displayName, keys: text === undefined ? undefined : withoutUnsigned(text) };
  }

  /** A user's devices, the newest first, and when they changed last; 0: never. */
  async devicesOf(user: UserNid): Promise<{ readonly deviceIds: readonly string[]; readonly position: number }> {
    // The position first: what changes meanwhile is told by itself.
    const position = await this.#log.positionOf(user);
    const devices = await this.#devices.ofUser(user);
    return { deviceIds: devices.map(({ deviceId }) => deviceId).toReversed(), position };
  }

  /** JSON texts. */
  async crossSigning(
    user: UserNid,
  ): Promise<{ readonly master: string | undefined; readonly selfSigning: string | undefined }> {
    const keys = (await this.#directory.of([user])).get(user);
    return { master: keys?.master?.text, selfSigning: keys?.selfSigning };
  }
}
