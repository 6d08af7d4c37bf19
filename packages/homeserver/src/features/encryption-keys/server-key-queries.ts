import { MatrixError } from '@myelin/api';
import { parseUserId } from '@myelin/protocol';
import type { Names } from '../names/index.ts';
import type { DeviceListLog } from './device-list-log.ts';
import type { KeyDirectory, UserKeys } from './key-directory.ts';
import type { KeyQuery } from './remote-keys.ts';

export interface ServerKeyQueriesParts {
  readonly serverName: string;
  readonly names: Names;
  readonly directory: KeyDirectory;
  readonly log: DeviceListLog;
}

/** Users in one request. */
const mostUsers = 5_000;
const unsignedMember = ',"unsigned":';

/** Gives out the keys of this server's users to other servers. Server-Server API §"Device Management". */
export class ServerKeyQueries {
  readonly #parts: ServerKeyQueriesParts;

  constructor(parts: ServerKeyQueriesParts) {
    this.#parts = parts;
  }

  /** Resolves to the JSON text of the answer. `withNames`: tell the display names of devices. Throws for others' users. */
  async query(query: KeyQuery, withNames: boolean): Promise<string> {
    const { names, directory } = this.#parts;
    const wanted = Object.entries(query);
    if (wanted.length > mostUsers) throw new MatrixError('M_TOO_LARGE', `More than ${mostUsers} users in one request`);
    for (const [userId] of wanted) this.#checkLocal(userId);
    const nids = await names.findUsers(wanted.map(([userId]) => userId));
    const known = await directory.of([...nids.values()]);
    const deviceKeys: string[] = [];
    const masterKeys: string[] = [];
    const selfSigningKeys: string[] = [];
    for (const [userId, deviceIds] of wanted) {
      const nid = nids.get(userId);
      const keys = nid === undefined ? undefined : known.get(nid);
      const name = JSON.stringify(userId);
      const devices = devicesOf(keys, deviceIds);
      const texts = devices.map(([id, text]) => `${JSON.stringify(id)}:${withNames ? text : withoutName(text)}`);
      deviceKeys.push(`${name}:{${texts.join(',')}}`);
      if (keys?.master) masterKeys.push(`${name}:${keys.master.text}`);
      if (keys?.selfSigning) selfSigningKeys.push(`${name}:${keys.selfSigning}`);
    }
    return (
      `{"device_keys":{${deviceKeys.join(',')}},"master_keys":{${masterKeys.join(',')}},` +
      `"self_signing_keys":{${selfSigningKeys.join(',')}}}`
    );
  }

  /** The devices of a user that have keys, as JSON text of the answer. Throws M_NOT_FOUND for users that there aren't. */
  async devices(userId: string, withNames: boolean): Promise<string> {
    const { names, directory, log } = this.#parts;
    this.#checkLocal(userId);
    const user = await names.findUser(userId);
    if (user === undefined) throw new MatrixError('M_NOT_FOUND', 'No such user');
    // The position first: what changes meanwhile has an update of its own, which says more.
    const streamId = await log.positionOf(user);
    const keys = (await directory.of([user])).get(user);
    const devices = devicesOf(keys, []).map(([id, text]) => {
      const displayName = withNames ? nameOf(text) : undefined;
      const named = displayName === undefined ? '' : `,"device_display_name":${JSON.stringify(displayName)}`;
      return `{"device_id":${JSON.stringify(id)},"keys":${withoutUnsigned(text)}${named}}`;
    });
    const master = keys?.master ? `,"master_key":${keys.master.text}` : '';
    const selfSigning = keys?.selfSigning ? `,"self_signing_key":${keys.selfSigning}` : '';
    return `{"user_id":${JSON.stringify(userId)},"stream_id":${streamId},"devices":[${devices.join(',')}]${master}${selfSigning}}`;
  }

  #checkLocal(userId: string): void {
    const parts = parseUserId(userId);
    if (!parts) throw new MatrixError('M_INVALID_PARAM', 'That is not a user id');
    if (parts.serverName !== this.#parts.serverName)
      throw new MatrixError('M_UNKNOWN', 'User is not hosted on this homeserver');
  }
}

function devicesOf(keys: UserKeys | undefined, deviceIds: readonly string[]): [string, string][] {
  if (!keys) return [];
  if (deviceIds.length === 0) return [...keys.devices];
  const wanted = new Set(deviceIds);
  return [...keys.devices].filter(([id]) => wanted.has(id));
}

/** What this server has put last into the text of a device: no text inside JSON holds it, since quotes are escaped there. */
function unsignedAt(text: string): number {
  return text.lastIndexOf(unsignedMember);
}

/** A device's keys without what this server has added. */
export function withoutUnsigned(text: string): string {
  return `${text.slice(0, unsignedAt(text))}}`;
}

function withoutName(text: string): string {
  return `${text.slice(0, unsignedAt(text))}${unsignedMember}{}}`;
}

function nameOf(text: string): string | undefined {
  const unsigned = JSON.parse(text.slice(unsignedAt(text) + unsignedMember.length, -1)) as {
    device_display_name?: string;
  };
  return unsigned.device_display_name;
}
