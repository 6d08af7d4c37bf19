import type { Cancellable, Timers } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import { movedUsers, type Streams } from '../streams/index.ts';
import type { TypingSource } from '../sync/index.ts';

/** Somebody who types. */
export interface Typist {
  readonly user: UserNid;
  readonly userId: string;
}

/** Told when a user begins or ends typing. For telling other servers. */
export type TypingListener = (room: RoomNid, typist: Typist, isTyping: boolean) => void;

interface RoomTyping {
  /** Of the last change. */
  position: number;
  readonly typists: Map<UserNid, Typist & { timer: Cancellable }>;
}

/** Rooms of which it is known who types, or who typed last. */
const mostRooms = 20_000;
/** Users shown as typing in a room. */
const mostTypists = 200;

/** Who is typing where. Only kept in memory: after a restart nobody types. Client-Server API §"Typing Notifications". */
export class Typing implements TypingSource {
  readonly #streams: Streams;
  readonly #members: RoomMembers;
  readonly #timers: Timers;
  readonly #rooms = new LRUCache<RoomNid, RoomTyping>({
    maxSize: mostRooms,
    sizeCalculation: () => 1,
    dispose: cancelAll,
  });
  readonly #listeners: TypingListener[] = [];
  readonly #unsubscribe: () => void;

  constructor(streams: Streams, members: RoomMembers, timers: Timers) {
    this.#streams = streams;
    this.#members = members;
    this.#timers = timers;
    this.#unsubscribe = streams.subscribe((change) => {
      // Who leaves doesn't type any more.
      if (change.kind === 'event')
        for (const user of movedUsers(change)) void this.#stopUnlessJoined(change.room, user);
    });
  }

  onChange(listener: TypingListener): void {
    this.#listeners.push(listener);
  }

  /** The user types, for as long as this unless it is said again. `forMs` in milliseconds. */
  begin(room: RoomNid, typist: Typist, forMs: number): void {
    let ofRoom = this.#rooms.get(room);
    if (!ofRoom) this.#rooms.set(room, (ofRoom = { position: 0, typists: new Map() }));
    const { typists } = ofRoom;
    const known = typists.get(typist.user);
    if (!known && typists.size >= mostTypists) return;
    known?.timer.cancel();
    typists.set(typist.user, { ...typist, timer: this.#timers.after(forMs, () => this.end(room, typist.user)) });
    if (!known) this.#tell(room, ofRoom, typist, true);
  }

  /** The user doesn't type any more. */
  end(room: RoomNid, user: UserNid): void {
    const ofRoom = this.#rooms.get(room);
    const known = ofRoom?.typists.get(user);
    if (!ofRoom || !known) return;
    known.timer.cancel();
    ofRoom.typists.delete(user);
    this.#tell(room, ofRoom, known, false);
  }

  inRoom(room: RoomNid, since: number, upTo: number): string | undefined {
    const ofRoom = this.#rooms.peek(room);
    if (!ofRoom || ofRoom.position <= since || ofRoom.position > upTo) return undefined;
    if (since === 0 && ofRoom.typists.size === 0) return undefined;
    const userIds = [...ofRoom.typists.values()].map(({ userId }) => userId);
    return `{"type":"m.typing","content":{"user_ids":${JSON.stringify(userIds)}}}`;
  }

  stop(): void {
    this.#unsubscribe();
    this.#rooms.clear();
  }

  #tell(room: RoomNid, ofRoom: RoomTyping, typist: Typist, isTyping: boolean): void {
    ofRoom.position = this.#streams.immediate({ kind: 'typing', room });
    for (const listener of this.#listeners) listener(room, typist, isTyping);
  }

  async #stopUnlessJoined(room: RoomNid, user: UserNid): Promise<void> {
    if (!this.#rooms.peek(room)?.typists.has(user)) return;
    // The change is told before all that keep memberships in memory have heard of it.
    await Promise.resolve();
    if (!(await this.#members.isJoined(room, user))) this.end(room, user);
  }
}

function cancelAll(ofRoom: RoomTyping): void {
  for (const { timer } of ofRoom.typists.values()) timer.cancel();
}
