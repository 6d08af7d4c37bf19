import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Device } from '../devices/index.ts';
import type { DeviceNid, UserNid } from '../names/index.ts';

export interface StoredDeviceKeys {
  readonly device: DeviceNid;
  readonly user: UserNid;
  readonly deviceId: string;
  /** Canonical JSON. */
  readonly keys: string;
}

interface DeviceKeysRow {
  device: number;
  user_nid: number;
  device_id: string;
  keys: string;
}

/** The identity keys of devices. */
export class DeviceKeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(device: DeviceNid, reader: Reader): Promise<string | undefined> {
    return (await reader.get<{ keys: string }>(sql`SELECT keys FROM device_keys WHERE device = ${device}`))?.keys;
  }

  async ofUsers(users: readonly UserNid[], reader: Reader = this.#database.reader): Promise<StoredDeviceKeys[]> {
    const rows = await reader.all<DeviceKeysRow>(
      sql`SELECT device, user_nid, device_id, keys FROM device_keys WHERE ${sql.anyOf('user_nid', users)} ORDER BY device`,
    );
    return rows.map((row) => ({
      device: row.device as DeviceNid,
      user: row.user_nid as UserNid,
      deviceId: row.device_id,
      keys: row.keys,
    }));
  }

  async put(writer: Writer, device: Device, keys: string): Promise<void> {
    await writer.run(sql`INSERT INTO device_keys (device, user_nid, device_id, keys) VALUES (${device.nid}, ${device.user}, ${device.deviceId}, ${keys})
      ON CONFLICT (device) DO UPDATE SET keys = excluded.keys`);
  }

  async delete(writer: Writer, device: DeviceNid): Promise<void> {
    await writer.run(sql`DELETE FROM device_keys WHERE device = ${device}`);
  }
}
