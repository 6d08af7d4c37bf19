import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { Requester } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';
import type { Device } from './device.ts';
import type { Devices } from './devices.ts';
import type { LastSeen } from './last-seen.ts';

/** What users see and do of their devices. Client-Server API §"Device Management". */
export class DeviceManager {
  readonly #database: Database;
  readonly #devices: Devices;
  readonly #lastSeen: LastSeen;

  constructor(database: Database, devices: Devices, lastSeen: LastSeen) {
    this.#database = database;
    this.#devices = devices;
    this.#lastSeen = lastSeen;
  }

  async all(user: UserNid): Promise<Device[]> {
    return (await this.#devices.ofUser(user)).map((device) => this.#upToDate(device));
  }

  /** Throws M_NOT_FOUND. */
  async get(user: UserNid, deviceId: string): Promise<Device> {
    return this.#upToDate(found(await this.#devices.find(user, deviceId)));
  }

  /** Throws M_NOT_FOUND. Without a name nothing changes. */
  async rename(requester: Requester, deviceId: string, displayName: string | undefined): Promise<void> {
    await this.#database.transact(async (writer) => {
      const device = found(await this.#devices.find(requester.user, deviceId, writer));
      if (displayName !== undefined && displayName !== device.displayName)
        await this.#devices.rename(writer, device, displayName);
    });
  }

  /** Logs devices out and deletes them; those that aren't there are passed over. */
  async delete(user: UserNid, deviceIds: readonly string[]): Promise<void> {
    const wanted = new Set(deviceIds);
    await this.#database.transact(async (writer) => {
      const devices = await this.#devices.ofUser(user, writer);
      await this.#devices.delete(
        writer,
        user,
        devices.filter((device) => wanted.has(device.deviceId)),
      );
    });
  }

  #upToDate(device: Device): Device {
    const seen = this.#lastSeen.pending(device.nid);
    return seen ? { ...device, lastSeenAt: seen.at, lastSeenIp: seen.ip, lastSeenUserAgent: seen.userAgent } : device;
  }
}

function found(device: Device | undefined): Device {
  if (!device) throw new MatrixError('M_NOT_FOUND', 'No device found');
  return device;
}
