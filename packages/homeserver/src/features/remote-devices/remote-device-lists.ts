import type { Database, Writer } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import type { CrossSigningStore, CrossSigningUsage, DeviceListLog, SignatureStore } from '../encryption-keys/index.ts';
import type { UserNid } from '../names/index.ts';
import type { RemoteDeviceStore } from './remote-device-store.ts';
import { mostDevicesOfUser, type CheckedKey, type CheckedKeys } from './remote-key-checks.ts';
import type { SharedRooms } from './shared-rooms.ts';

export interface RemoteDeviceListsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly store: RemoteDeviceStore;
  readonly crossSigning: CrossSigningStore;
  readonly signatures: SignatureStore;
  readonly log: DeviceListLog;
  readonly shared: SharedRooms;
}

/** A list that is kept. */
export interface KnownKeys extends CheckedKeys {
  /** Something is missing. */
  readonly isStale: boolean;
}

/** One update of one device, checked. */
export interface DeviceUpdate {
  readonly deviceId: string;
  /** undefined: the device is gone, or has no keys. */
  readonly keys: string | undefined;
  readonly streamId: number;
  readonly prevIds: readonly number[];
}

/**
 * The devices and keys of other servers' users, kept for those with whom a room is shared: only of these do their
 * servers tell changes. Server-Server API §"Device Management".
 */
export class RemoteDeviceLists {
  readonly #parts: RemoteDeviceListsParts;
  /** Users whose list is being asked for, and whether something changed meanwhile. */
  readonly #underWay = new Map<UserNid, Set<{ changed: boolean }>>();
  #wake: () => void = () => {};

  constructor(parts: RemoteDeviceListsParts) {
    this.#parts = parts;
  }

  /** Calls `wake` when a list must be asked for. */
  onGap(wake: () => void): void {
    this.#wake = wake;
  }

  async known(users: readonly UserNid[]): Promise<ReadonlyMap<UserNid, KnownKeys>> {
    const { database, store, crossSigning } = this.#parts;
    if (users.length === 0) return new Map();
    return database.read(async (reader) => {
      const lists = await store.lists(users, reader);
      const tracked = lists.map((list) => list.user);
      const devices = await store.devices(tracked, reader);
      const keys = Map.groupBy(
        tracked.length === 0 ? [] : await crossSigning.ofUsers(tracked, reader),
        (key) => key.user,
      );
      return new Map(
        lists.map(({ user, isStale }) => {
          const key = (usage: CrossSigningUsage): CheckedKey | undefined => {
            const found = keys.get(user)?.find((each) => each.usage === usage);
            return found && { publicKey: found.publicKey, text: found.key };
          };
          return [
            user,
            {
              devices: devices.get(user) ?? noDevices,
              master: key('master'),
              selfSigning: key('self_signing'),
              isStale,
            },
          ];
        }),
      );
    });
  }

  /**
   * Begins to ask for lists; what is had is kept by `keep`, which must be called once for each of the users, or `end`.
   * A list during whose asking an update came isn't kept.
   */
  beginAsking(users: readonly UserNid[]): { hasChanged(user: UserNid): boolean; end(): void } {
    const marks = new Map(users.map((user) => [user, { changed: false }]));
    for (const [user, mark] of marks) {
      const ofUser = this.#underWay.get(user) ?? new Set();
      this.#underWay.set(user, ofUser.add(mark));
    }
    return {
      hasChanged: (user) => marks.get(user)?.changed === true,
      end: () => {
        for (const [user, mark] of marks) {
          const ofUser = this.#underWay.get(user);
          ofUser?.delete(mark);
          if (ofUser?.size === 0) this.#underWay.delete(user);
        }
      },
    };
  }

  /**
   * Keeps the whole list of a user: to be called first in its transaction. `streamId` undefined: not known, so that the next update makes the list be asked
   * for. Resolves to whether it says anything new.
   */
  async keep(writer: Writer, user: UserNid, keys: CheckedKeys, streamId: number | undefined): Promise<boolean> {
    const { store } = this.#parts;
    await writer.lock(lockOf(user));
    const before = (await store.devices([user], writer)).get(user) ?? noDevices;
    const isNew = !isSameMap(before, keys.devices);
    if (isNew) await store.replaceDevices(writer, user, keys.devices);
    await store.putList(writer, { user, streamId, isStale: false });
    const newKeys = await this.#putKeys(writer, user, keys, true);
    return isNew || newKeys;
  }

  /** An update of one device. Users whose list isn't kept are asked for when their keys are needed. */
  async update(user: UserNid, update: DeviceUpdate): Promise<void> {
    const { database, store, log, clock } = this.#parts;
    for (const mark of this.#underWay.get(user) ?? []) mark.changed = true;
    await database.transact(async (writer) => {
      await writer.lock(lockOf(user));
      const list = await store.list(user, writer);
      if (!list) return log.changed(writer, user);
      // The list that was had last has it already.
      if (list.streamId === update.streamId && !list.isStale) return undefined;
      if (!follows(list, update) || (await this.#isTooLong(writer, user, update))) {
        await store.putList(writer, { ...list, isStale: true });
        await store.askAgain(writer, user, clock.now());
        writer.onDurable(() => this.#wake());
        return undefined;
      }
      if (update.keys === undefined) await store.deleteDevice(writer, user, update.deviceId);
      else await store.putDevice(writer, user, update.deviceId, update.keys);
      await store.putList(writer, { ...list, streamId: update.streamId });
      return log.changed(writer, user);
    });
  }

  /** New cross-signing keys of a user; those that aren't given stay. */
  async updateKeys(user: UserNid, keys: Pick<CheckedKeys, 'master' | 'selfSigning'>): Promise<void> {
    const { database, store, log } = this.#parts;
    for (const mark of this.#underWay.get(user) ?? []) mark.changed = true;
    await database.transact(async (writer) => {
      await writer.lock(lockOf(user));
      if ((await store.list(user, writer)) && !(await this.#putKeys(writer, user, keys, false))) return;
      await log.changed(writer, user);
    });
  }

  /** Something about a user's devices isn't as it is known here: the list is asked for again. */
  async doubt(user: UserNid): Promise<void> {
    const { database, store, clock } = this.#parts;
    await database.transact(async (writer) => {
      await writer.lock(lockOf(user));
      const list = await store.list(user, writer);
      if (!list) return;
      await store.putList(writer, { ...list, isStale: true });
      await store.askAgain(writer, user, clock.now());
      writer.onDurable(() => this.#wake());
    });
  }

  /** Forgets those of some users with whom no room is shared any more: of them nobody tells changes. */
  async forgetStrangers(users: readonly UserNid[]): Promise<void> {
    const { database, store, crossSigning, shared } = this.#parts;
    // Looked at before the lists are: one that comes in between is among them.
    const underWay = users.filter((user) => this.#underWay.has(user));
    for (const user of new Set([...underWay, ...(await store.tracked(users))])) {
      if (await shared.sharesRoom(user)) continue;
      for (const mark of this.#underWay.get(user) ?? []) mark.changed = true;
      await database.transact(async (writer) => {
        await writer.lock(lockOf(user));
        if (!(await store.list(user, writer))) return;
        await store.delete(writer, user);
        await crossSigning.deleteOf(writer, user);
      });
    }
  }

  async #isTooLong(writer: Writer, user: UserNid, { keys, deviceId }: DeviceUpdate): Promise<boolean> {
    const { store } = this.#parts;
    if (keys === undefined || (await store.deviceCount(user, writer)) < mostDevicesOfUser) return false;
    return !(await store.devices([user], writer)).get(user)?.has(deviceId);
  }

  async #putKeys(
    writer: Writer,
    user: UserNid,
    keys: Pick<CheckedKeys, 'master' | 'selfSigning'>,
    isAll: boolean,
  ): Promise<boolean> {
    const { crossSigning, signatures } = this.#parts;
    const stored = await crossSigning.ofUser(user, writer);
    if (isAll && !keys.master && stored.size > 0) {
      await crossSigning.deleteOf(writer, user);
      return true;
    }
    let isNew = false;
    for (const [usage, key] of [
      ['master', keys.master],
      ['self_signing', keys.selfSigning],
    ] as const) {
      const old = stored.get(usage);
      if (!key || old?.key === key.text) continue;
      isNew = true;
      await crossSigning.put(writer, { user, usage, publicKey: key.publicKey, key: key.text });
      // What local users have signed of another key says nothing of this one.
      if (usage === 'master' && old && old.publicKey !== key.publicKey)
        await signatures.deleteOfKey(writer, user, old.publicKey);
    }
    return isNew;
  }
}

const noDevices: ReadonlyMap<string, string> = new Map();

function lockOf(user: UserNid): string {
  return `remote devices of user ${user}`;
}

/** Whether nothing is missing between the list and an update. */
function follows(
  list: { readonly streamId: number | undefined; readonly isStale: boolean },
  { prevIds }: DeviceUpdate,
): boolean {
  if (list.isStale || list.streamId === undefined || prevIds.length === 0) return false;
  return prevIds.every((id) => id === list.streamId);
}

function isSameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}
