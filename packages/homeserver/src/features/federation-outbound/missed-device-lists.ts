import type { Writer } from '@myelin/database';
import { parseUserId } from '@myelin/protocol';
import type { Events } from '../events/index.ts';
import { memberOfKey, type Names, type RoomNid, type UserNid } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { RoomStates } from '../timeline/index.ts';
import type { OutboundStore } from './outbound-store.ts';

export interface MissedDeviceListsParts {
  readonly serverName: string;
  readonly names: Names;
  readonly events: Pick<Events, 'get' | 'timeline'>;
  readonly states: Pick<RoomStates, 'diff'>;
  readonly members: { joinedUsers(room: RoomNid): Promise<ReadonlySet<UserNid>> };
  readonly servers: Pick<JoinedServers, 'othersInRoom'>;
  readonly store: Pick<OutboundStore, 'deviceListsAfter'>;
}

/** A room whose members are known now. */
interface CompletedRoom {
  readonly partial: {
    readonly room: RoomNid;
    /** The join by which this server came in. */
    readonly event: Parameters<Events['get']>[0];
    readonly position: number;
    /** Those that were taken for the servers in the room. */
    readonly servers: readonly string[];
  };
  readonly position: number;
}

/** Tells again that devices of a user have changed, to these servers as well. */
type Repeat = (
  writer: Writer,
  user: UserNid,
  deviceIds: readonly string[],
  alsoTo: ReadonlySet<string>,
) => Promise<void>;

/** Rows that are read at a time. */
const page = 500;

/**
 * While a room's members weren't known, changes of devices went to the servers that were taken for those in the room.
 * Others that turn out to have been in it are told when the members are known.
 */
export class MissedDeviceLists {
  readonly #parts: MissedDeviceListsParts;
  readonly #repeat: Repeat;

  constructor(parts: MissedDeviceListsParts, repeat: Repeat) {
    this.#parts = parts;
    this.#repeat = repeat;
  }

  /** In the transaction that makes a room whole. */
  async completed(writer: Writer, completed: CompletedRoom): Promise<void> {
    const changes = await this.#changesSince(completed.partial);
    if (changes.size === 0) return;
    const missed = await this.#missed(writer, completed);
    if (missed.size === 0) return;
    for (const [user, deviceIds] of changes) await this.#repeat(writer, user, deviceIds, missed);
  }

  /** The devices of local users in the room that changed since it was entered. */
  async #changesSince({ room, position }: CompletedRoom['partial']): Promise<Map<UserNid, string[]>> {
    const { members, store } = this.#parts;
    const joined = await members.joinedUsers(room);
    const byUser = new Map<UserNid, string[]>();
    for (let from = position; ;) {
      const rows = await store.deviceListsAfter(from, page);
      for (const { user, deviceId } of rows)
        if (joined.has(user)) byUser.set(user, [...(byUser.get(user) ?? []), deviceId]);
      if (rows.length < page) return byUser;
      from = rows.at(-1)?.position ?? from;
    }
  }

  /** Servers of whom it isn't sure that they weren't in the room for some time since, and weren't taken for such. */
  async #missed(writer: Writer, { partial, position }: CompletedRoom): Promise<Set<string>> {
    const { events, states, names, servers, serverName } = this.#parts;
    const { room, event } = partial;
    const missed = new Set(await servers.othersInRoom(room, writer));
    const join = await events.get(event, writer);
    const now = await events.timeline.pointAt(room, position, writer);
    const differences = now ? await states.diff(join.fields.stateAfter, now.state, writer) : [];
    const users = differences.map(({ key }) => memberOfKey(key)).filter((user) => user !== undefined);
    for (const userId of (await names.userIds(users, writer)).values()) {
      const server = parseUserId(userId)?.serverName;
      if (server !== undefined) missed.add(server);
    }
    for (const told of [serverName, ...partial.servers]) missed.delete(told);
    return missed;
  }
}
