import type { EventFilter, InviteRules } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { DeviceNid, EventNid, RoomNid, UserNid } from '../names/index.ts';

/**
 * What /sync takes from other features. Each answers for positions `since < position <= upTo` (`since` 0: an initial sync)
 * with JSON texts that go into the answer as they are. Texts of lists are the items, without brackets.
 */

/** Account data and tags. Implemented by `features/account-data`. */
export interface AccountDataSource {
  /** Events (`{"type","content"}`) of the user's global account data, push rules included. */
  global(user: UserNid, since: number, upTo: number, filter: EventFilter): Promise<string[]>;
  /** Events of the user's data on rooms, by room; `m.tag` included. Only rooms that have some. */
  byRoom(user: UserNid, since: number, upTo: number, filter: EventFilter): Promise<ReadonlyMap<RoomNid, string[]>>;
  /** Whom the user ignores (`m.ignored_user_list`). */
  ignored(user: UserNid): Promise<ReadonlySet<UserNid>>;
  /** Tells of the sender of an invite (a user id) whether the user wants to see it (`m.invite_permission_config`). */
  inviteRules(user: UserNid): Promise<InviteRules>;
}

/** Receipts. Implemented by `features/receipts`. */
export interface ReceiptSource {
  /** By room, the whole m.receipt event with what changed that the user may see; only rooms that have some. */
  byRoom(user: UserNid, rooms: readonly RoomNid[], since: number, upTo: number): Promise<ReadonlyMap<RoomNid, string>>;
}

/** Who is typing. Implemented by `features/typing`. */
export interface TypingSource {
  /** The m.typing event of a room if it changed in the span (`since` 0: if somebody types). */
  inRoom(room: RoomNid, since: number, upTo: number): string | undefined;
}

/** Implemented by `features/presence`. */
export interface PresenceSource {
  /** The user begins a sync, and says so. What is returned is called when the sync ends. */
  syncing(requester: Requester, setPresence: 'online' | 'offline' | 'unavailable' | undefined): () => void;
  /** m.presence events of users who share a room with the user. `newRooms`: rooms whose members the user doesn't know yet. */
  events(user: UserNid, since: number, upTo: number, newRooms: readonly RoomNid[]): Promise<string[]>;
}

/** Messages to devices. Implemented by `features/to-device`. */
export interface ToDeviceSource {
  /** Drops what the device has received: all up to `since`. */
  acknowledge(device: DeviceNid, since: number): Promise<void>;
  /**
   * Messages for the device, oldest first. If there are more than fit into an answer, `upTo` is the position of the last
   * one given: the rest comes with the next sync.
   */
  messages(device: DeviceNid, since: number, upTo: number): Promise<{ events: string[]; upTo: number }>;
}

/** Device lists and one-time keys. Implemented by `features/encryption-keys`. */
export interface EncryptionSource {
  /** Users whose devices changed, and users whom the reader no longer shares a room with. */
  deviceLists(
    user: UserNid,
    since: number,
    upTo: number,
    context: { /** Rooms with events since then. */ readonly withEvents: ReadonlySet<RoomNid> },
  ): Promise<{ changed: string[]; left: string[] }>;
  /** `{"signed_curve25519":50}` */
  oneTimeKeyCounts(device: DeviceNid): Promise<string>;
  /** `["signed_curve25519"]` */
  unusedFallbackKeyTypes(device: DeviceNid): Promise<string>;
}

export interface UnreadCounts {
  readonly notifications: number;
  readonly highlights: number;
}

/** Unread counts. Implemented by `features/push-rules`. */
export interface UnreadSource {
  /** The main timeline (or the whole room if `byThread` is false) and, if asked for, each thread by its root's event id. */
  counts(
    user: UserNid,
    room: RoomNid,
    upTo: number,
    byThread: boolean,
  ): Promise<{ main: UnreadCounts; threads: ReadonlyMap<string, UnreadCounts> }>;
}

/** Relations that are told with events. Implemented by `features/relations`. */
export interface BundleSource {
  /** By event, the JSON text of `unsigned["m.relations"]`; only events that have some. */
  bundles(
    events: readonly StoredEvent[],
    user: UserNid,
    device: DeviceNid | undefined,
  ): Promise<ReadonlyMap<EventNid, string>>;
}

export interface SyncSources {
  readonly accountData: AccountDataSource;
  readonly receipts: ReceiptSource;
  readonly typing: TypingSource;
  readonly presence: PresenceSource;
  readonly toDevice: ToDeviceSource;
  readonly encryption: EncryptionSource;
  readonly unread: UnreadSource;
  readonly relations: BundleSource;
}
