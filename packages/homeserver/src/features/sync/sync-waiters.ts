import type { RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Change, Streams } from '../streams/index.ts';

interface Waiter {
  wake(): void;
}

/** Long polls that wait for something that concerns their user. */
export class SyncWaiters {
  readonly #members: RoomMembers;
  readonly #byUser = new Map<UserNid, Set<Waiter>>();

  constructor(streams: Streams, members: RoomMembers) {
    this.#members = members;
    streams.subscribe((change) => this.#tell(change));
  }

  /**
   * Registers a long poll. `woken` resolves at the first change that may concern the user. Register before looking for
   * changes, so that none is missed in between.
   */
  wait(user: UserNid): { readonly woken: Promise<void>; end(): void } {
    let waiter: Waiter | undefined;
    const woken = new Promise<void>((resolve) => {
      waiter = { wake: resolve };
    });
    const registered = waiter as unknown as Waiter;
    const waiters = this.#byUser.get(user);
    if (waiters) waiters.add(registered);
    else this.#byUser.set(user, new Set([registered]));
    return {
      woken,
      end: () => {
        const all = this.#byUser.get(user);
        all?.delete(registered);
        if (all?.size === 0) this.#byUser.delete(user);
      },
    };
  }

  #tell(change: Change): void {
    if (this.#byUser.size === 0) return;
    switch (change.kind) {
      case 'event':
        for (const user of change.users ?? []) this.#wake(user);
        void this.#wakeRoom(change.room);
        break;
      case 'receipt':
        if (change.users) for (const user of change.users) this.#wake(user);
        else void this.#wakeRoom(change.room);
        break;
      case 'typing':
        void this.#wakeRoom(change.room);
        break;
      case 'presence':
        this.#wake(change.user);
        void this.#wakeSharing(change.user);
        break;
      case 'device-list':
        this.#wake(change.user);
        for (const room of change.rooms) void this.#wakeRoom(room);
        break;
      case 'account-data':
      case 'push-rules':
      case 'to-device':
      case 'one-time-keys':
        for (const user of change.users) this.#wake(user);
        break;
    }
  }

  #wake(user: UserNid): void {
    for (const waiter of this.#byUser.get(user) ?? []) waiter.wake();
  }

  async #wakeRoom(room: RoomNid): Promise<void> {
    const joined = await this.#members.joinedUsers(room);
    if (joined.size <= this.#byUser.size) for (const user of joined) this.#wake(user);
    else for (const user of this.#byUser.keys()) if (joined.has(user)) this.#wake(user);
  }

  async #wakeSharing(user: UserNid): Promise<void> {
    for (const room of await this.#members.joinedRooms(user)) await this.#wakeRoom(room);
  }
}
