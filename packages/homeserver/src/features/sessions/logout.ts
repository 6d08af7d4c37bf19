import type { Database, Writer } from '@myelin/database';
import type { Requester } from '../../http/index.ts';
import type { Devices } from '../devices/index.ts';
import type { DeviceNid, UserNid } from '../names/index.ts';
import type { Sessions } from './sessions.ts';

/** Logging out: the device goes with its tokens and keys. Client-Server API §"Logout". */
export class Logout {
  readonly #database: Database;
  readonly #devices: Devices;
  readonly #sessions: Sessions;

  constructor(database: Database, devices: Devices, sessions: Sessions) {
    this.#database = database;
    this.#devices = devices;
    this.#sessions = sessions;
  }

  async one(requester: Requester): Promise<void> {
    await this.#database.transact(async (writer) => {
      const device = requester.device === undefined ? undefined : await this.#devices.get(requester.device, writer);
      if (device) await this.#devices.delete(writer, requester.user, [device]);
      else await this.#sessions.revokeToken(writer, requester.user, requester.token);
    });
  }

  async all(user: UserNid): Promise<void> {
    await this.#database.transact((writer) => this.allIn(writer, user));
  }

  /** Ends all sessions of a user, or all but the one on the device `kept`. */
  async allIn(writer: Writer, user: UserNid, kept?: DeviceNid): Promise<void> {
    const devices = await this.#devices.ofUser(user, writer);
    await this.#devices.delete(
      writer,
      user,
      devices.filter((device) => device.nid !== kept),
    );
    if (kept === undefined) await this.#sessions.revokeUser(writer, user);
    else await this.#sessions.revokeWithoutDevice(writer, user);
  }
}
