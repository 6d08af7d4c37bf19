import { parseUserId } from '@myelin/protocol';
import { othersTurn, type Cancellable, type Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import { memberOfKey, type Names, type RoomNid, type UserNid } from '../names/index.ts';
import { movedUsers, type Streams } from '../streams/index.ts';
import type { RemoteDeviceLists } from './remote-device-lists.ts';
import type { RemoteDeviceStore } from './remote-device-store.ts';
import type { CompletedRoom, SharedRooms } from './shared-rooms.ts';

export interface StrangersParts {
  readonly serverName: string;
  readonly timers: Timers;
  readonly log: Log;
  readonly names: Names;
  readonly streams: Streams;
  readonly members: { joinedUsers(room: RoomNid): Promise<ReadonlySet<UserNid>> };
  readonly store: RemoteDeviceStore;
  readonly lists: RemoteDeviceLists;
  readonly shared: SharedRooms;
}

const sweepSlice = 500;
/** Milliseconds between two slices of a sweep, and after the start before the first. */
const sweepPause = 1_000;

/**
 * Takes away the lists of users when they and this server's users leave their last common room: a list that nobody
 * keeps up to date must not be believed when they meet again.
 */
export class Strangers {
  readonly #parts: StrangersParts;
  readonly #unsubscribe: () => void;
  #sweeping: Cancellable | undefined;
  #queue: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: StrangersParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.streams.subscribe((change) => {
      if (change.kind !== 'event') return;
      const users = movedUsers(change);
      if (users.length > 0) this.#look(change.room, users);
    });
    // What was left to do when the server stopped.
    this.#planSweep(0);
  }

  /** The members of a room are known: some may not be in it who were taken for members, or weren't all the time. */
  completed({ partial, changes }: CompletedRoom): void {
    const left: UserNid[] = [];
    const back: UserNid[] = [];
    for (const { key, before, after } of changes) {
      const user = memberOfKey(key);
      if (user !== undefined && before?.content['membership'] === 'join')
        (after?.content['membership'] === 'join' ? back : left).push(user);
    }
    if (left.length > 0) this.#look(partial.room, left);
    if (back.length > 0)
      this.#enqueue(async () => {
        for (const user of back) await this.#parts.lists.doubt(user);
      });
  }

  /** Resolves when all that happened until now has been looked at. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#sweeping?.cancel();
    await this.#queue;
  }

  #look(room: RoomNid, users: readonly UserNid[]): void {
    // The change is told before all that keep memberships in memory have heard of it.
    this.#enqueue(async () => {
      const { timers, names, shared, members, serverName } = this.#parts;
      await othersTurn(timers);
      const others: UserNid[] = [];
      for (const [user, userId] of await names.userIds(users)) {
        if (parseUserId(userId)?.serverName !== serverName) others.push(user);
        else if (!(await shared.isHere(room))) await this.#forget([...(await members.joinedUsers(room))]);
      }
      await this.#forget(others);
    });
  }

  async #forget(users: readonly UserNid[]): Promise<void> {
    for (let at = 0; at < users.length && !this.#stopped; at += sweepSlice)
      await this.#parts.lists.forgetStrangers(users.slice(at, at + sweepSlice));
  }

  #planSweep(after: UserNid | 0): void {
    this.#sweeping = this.#parts.timers.after(sweepPause, () => {
      this.#enqueue(async () => {
        const users = await this.#parts.store.usersAfter(after, sweepSlice);
        await this.#parts.lists.forgetStrangers(users);
        if (users.length === sweepSlice && !this.#stopped) this.#planSweep(users.at(-1) as UserNid);
      });
    });
  }

  #enqueue(task: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#queue = this.#queue
      .then(async () => (this.#stopped ? undefined : task()))
      .catch((err: unknown) => this.#parts.log.warn({ err }, 'lists of devices of strangers could not be dropped'));
  }
}
