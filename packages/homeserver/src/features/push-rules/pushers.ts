import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { isJsonObject, type JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Device, Devices } from '../devices/index.ts';
import type { DeviceNid, UserNid } from '../names/index.ts';

/** Where a user wants to be pushed to. Client-Server API §POST /pushers/set. */
export interface Pusher {
  readonly appId: string;
  readonly pushkey: string;
  readonly kind: string;
  readonly appDisplayName: string;
  readonly deviceDisplayName: string;
  readonly lang: string;
  readonly profileTag: string;
  readonly data: JsonObject;
}

interface PusherRow {
  app_id: string;
  pushkey: string;
  kind: string;
  app_display_name: string;
  device_display_name: string;
  lang: string;
  profile_tag: string;
  data: string;
}

const mostPushers = 100;
/** In bytes, as the specification has it. */
const longestPushkey = 512;
/** In UTF-16 units; the specification says "chars". */
const longestAppId = 64;
/** Of the other texts, in UTF-16 units. */
const longestText = 1_024;
const longestData = 65_536;

/** The pushers that users have set. This keeps them; nothing is pushed yet. */
export class Pushers {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock, devices: Devices) {
    this.#database = database;
    this.#clock = clock;
    devices.onDelete((writer, device) => this.#removeOfDevice(writer, device));
  }

  async of(user: UserNid, reader: Reader = this.#database.reader): Promise<Pusher[]> {
    const rows = await reader.all<PusherRow>(
      sql`SELECT * FROM pushers WHERE user_nid = ${user} ORDER BY created_at, app_id, pushkey`,
    );
    return rows.map(fromRow);
  }

  /**
   * Makes or replaces a pusher. `append` false: other users lose theirs for this app and key. A replaced one stays with
   * the device that made it. Throws MatrixErrors for what can't be a pusher.
   */
  async set(user: UserNid, device: DeviceNid | undefined, pusher: Pusher, append: boolean): Promise<void> {
    check(pusher);
    await this.#database.transact(async (writer) => {
      if (!append) {
        await writer.run(
          sql`DELETE FROM pushers WHERE app_id = ${pusher.appId} AND pushkey = ${pusher.pushkey} AND user_nid <> ${user}`,
        );
      }
      const others = (await this.of(user, writer)).filter(
        (one) => one.appId !== pusher.appId || one.pushkey !== pusher.pushkey,
      );
      if (others.length >= mostPushers)
        throw new MatrixError('M_INVALID_PARAM', `There may not be more than ${mostPushers} pushers`);
      await writer.run(sql`INSERT INTO pushers
          (app_id, pushkey, user_nid, device, kind, app_display_name, device_display_name, lang, profile_tag, data, created_at)
        VALUES (${pusher.appId}, ${pusher.pushkey}, ${user}, ${device ?? null}, ${pusher.kind}, ${pusher.appDisplayName},
          ${pusher.deviceDisplayName}, ${pusher.lang}, ${pusher.profileTag}, ${JSON.stringify(pusher.data)}, ${this.#clock.now()})
        ON CONFLICT (app_id, pushkey, user_nid) DO UPDATE SET kind = excluded.kind, app_display_name = excluded.app_display_name,
          device_display_name = excluded.device_display_name, lang = excluded.lang, profile_tag = excluded.profile_tag, data = excluded.data`);
    });
  }

  /** Removing one that isn't there changes nothing. */
  async remove(user: UserNid, appId: string, pushkey: string): Promise<void> {
    await this.#database.transact(async (writer) => {
      await writer.run(
        sql`DELETE FROM pushers WHERE user_nid = ${user} AND app_id = ${appId} AND pushkey = ${pushkey}`,
      );
    });
  }

  /** Removes the pushers of a user whose account is closed. */
  async removeOfUser(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM pushers WHERE user_nid = ${user}`);
  }

  async #removeOfDevice(writer: Writer, { nid, user }: Device): Promise<void> {
    await writer.run(sql`DELETE FROM pushers WHERE user_nid = ${user} AND device = ${nid}`);
  }
}

function check(pusher: Pusher): void {
  if (new TextEncoder().encode(pusher.pushkey).length > longestPushkey) throw tooLong('pushkey');
  if (pusher.appId.length > longestAppId) throw tooLong('app_id');
  for (const name of ['appDisplayName', 'deviceDisplayName', 'lang', 'profileTag'] as const) {
    if (pusher[name].length > longestText) throw tooLong('value');
  }
  if (JSON.stringify(pusher.data).length > longestData) throw tooLong('data');
  if (pusher.kind === 'email') throw new MatrixError('M_THREEPID_NOT_FOUND', 'The account has no such e-mail address');
  if (pusher.kind !== 'http') throw new MatrixError('M_INVALID_PARAM', "The 'kind' of a pusher is http or email");
  checkGateway(pusher.data['url']);
}

/** Push Gateway API: there is one path. */
function checkGateway(url: unknown): void {
  if (typeof url !== 'string')
    throw new MatrixError('M_MISSING_PARAM', "Pushers of the kind http need a 'url' in 'data'");
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.pathname !== '/_matrix/push/v1/notify') {
    throw new MatrixError('M_MISSING_PARAM', "'url' must be an HTTP address with the path /_matrix/push/v1/notify");
  }
}

function tooLong(name: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', `The pusher's '${name}' is too long`);
}

function fromRow(row: PusherRow): Pusher {
  const data: unknown = JSON.parse(row.data);
  return {
    appId: row.app_id,
    pushkey: row.pushkey,
    kind: row.kind,
    appDisplayName: row.app_display_name,
    deviceDisplayName: row.device_display_name,
    lang: row.lang,
    profileTag: row.profile_tag,
    data: isJsonObject(data as never) ? (data as JsonObject) : {},
  };
}
