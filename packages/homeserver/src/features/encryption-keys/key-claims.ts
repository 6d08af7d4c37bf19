import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { Devices } from '../devices/index.ts';
import type { DeviceNid, Names, UserNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';
import type { OneTimeKeys } from './one-time-keys.ts';
import { noRemoteKeys, type KeyClaim, type RemoteKeys } from './remote-keys.ts';
import { sortUsers } from './user-sorting.ts';

export interface KeyClaimsParts {
  readonly serverName: string;
  readonly database: Database;
  readonly streams: Streams;
  readonly names: Names;
  readonly devices: Devices;
  readonly oneTimeKeys: OneTimeKeys;
}

interface Wanted {
  readonly userId: string;
  readonly user: UserNid;
  readonly deviceId: string;
  readonly device: DeviceNid;
  readonly algorithm: string;
}

/** Devices in one request. Clients ask for some hundred at a time. */
const mostDevices = 5_000;
/** Devices whose keys are taken in one transaction: other writers wait for it. */
const slice = 200;

/** Gives out one-time keys. Client-Server API §POST /keys/claim. */
export class KeyClaims {
  readonly #parts: KeyClaimsParts;
  #remote: RemoteKeys = noRemoteKeys;

  constructor(parts: KeyClaimsParts) {
    this.#parts = parts;
  }

  /** Lets keys of other servers' users be claimed. */
  useRemote(remote: RemoteKeys): void {
    this.#remote = remote;
  }

  /** Resolves to the JSON text of the answer. */
  async claim(claim: KeyClaim, timeoutMs: number): Promise<string> {
    checkSize(claim);
    const { local, byServer } = sortUsers(claim, this.#parts.serverName);
    const found = new Map(await this.claimLocal(local));
    let failures = {};
    if (byServer.size > 0) {
      const answer = await this.#remote.claim(byServer, timeoutMs);
      failures = answer.failures;
      for (const [userId, keys] of answer.oneTimeKeys) found.set(userId, keys);
    }
    return `{"one_time_keys":${membersText(found)},"failures":${JSON.stringify(failures)}}`;
  }

  /** The same for another server: only this server's users have keys to give. */
  async claimForServer(claim: KeyClaim): Promise<string> {
    checkSize(claim);
    const { local } = sortUsers(claim, this.#parts.serverName);
    return `{"one_time_keys":${membersText(await this.claimLocal(local))}}`;
  }

  /** Takes keys of local users' devices. Resolves, by user id, to texts of the form `"DEVICE":{"algorithm:id":key}`. */
  async claimLocal(
    claim: ReadonlyMap<string, Readonly<Record<string, string>>>,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const { database, streams, oneTimeKeys } = this.#parts;
    const wanted = await this.#wanted(claim);
    const found = new Map<string, string[]>();
    for (let at = 0; at < wanted.length; at += slice) {
      const texts = await database.transact(async (writer) => {
        const claimed: [Wanted, string][] = [];
        for (const each of wanted.slice(at, at + slice)) {
          const key = await oneTimeKeys.claim(writer, each.device, each.algorithm);
          if (key) claimed.push([each, `${JSON.stringify(each.deviceId)}:{${JSON.stringify(key.name)}:${key.key}}`]);
        }
        // Their devices are told how many keys are left.
        const users = [...new Set(claimed.map(([{ user }]) => user))];
        if (users.length > 0)
          streams.next(writer, { kind: 'one-time-keys', users, devices: claimed.map(([{ device }]) => device) });
        return claimed;
      });
      for (const [{ userId }, text] of texts) {
        const ofUser = found.get(userId);
        if (ofUser) ofUser.push(text);
        else found.set(userId, [text]);
      }
    }
    return found;
  }

  async #wanted(claim: ReadonlyMap<string, Readonly<Record<string, string>>>): Promise<Wanted[]> {
    const { names, devices } = this.#parts;
    const users = new Map<UserNid, string>();
    for (const [userId, user] of await names.findUsers(claim.keys())) users.set(user, userId);
    const wanted: Wanted[] = [];
    for (const [user, owned] of await devices.ofUsers([...users.keys()])) {
      const userId = users.get(user) as string;
      const algorithms = new Map(Object.entries(claim.get(userId) ?? {}));
      for (const { deviceId, nid } of owned) {
        const algorithm = algorithms.get(deviceId);
        if (algorithm !== undefined) wanted.push({ userId, user, deviceId, device: nid, algorithm });
      }
    }
    return wanted;
  }
}

function checkSize(claim: KeyClaim): void {
  const total = Object.values(claim).reduce((sum, devices) => sum + Object.keys(devices).length, 0);
  if (total > mostDevices) throw new MatrixError('M_TOO_LARGE', `More than ${mostDevices} devices in one request`);
}

function membersText(byUser: ReadonlyMap<string, readonly string[]>): string {
  const users = [...byUser].map(([userId, devices]) => `${JSON.stringify(userId)}:{${devices.join(',')}}`);
  return `{${users.join(',')}}`;
}
