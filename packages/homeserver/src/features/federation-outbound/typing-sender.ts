import type { Cancellable, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { EduSender } from './edu-sender.ts';

export interface TypingSenderParts {
  readonly serverName: string;
  readonly timers: Timers;
  readonly log: Log;
  readonly names: Pick<Names, 'roomId'>;
  readonly servers: Pick<JoinedServers, 'isFederated' | 'othersInRoom'>;
  readonly edus: Pick<EduSender, 'sendSoon'>;
}

/** Other servers forget after a minute that somebody types. In milliseconds. */
const repeatMs = 40_000;

/** Tells the servers in a room who of this server's users types there. Server-Server API §"Typing Notifications". */
export class TypingSender {
  readonly #parts: TypingSenderParts;
  /** Of those who type, what says so again. */
  readonly #repeats = new Map<string, Cancellable>();

  constructor(parts: TypingSenderParts) {
    this.#parts = parts;
  }

  changed(room: RoomNid, { userId }: { readonly user: UserNid; readonly userId: string }, isTyping: boolean): void {
    const { serverName, servers, timers } = this.#parts;
    if (!servers.isFederated(room) || !userId.endsWith(`:${serverName}`)) return;
    const key = `${room} ${userId}`;
    this.#repeats.get(key)?.cancel();
    this.#repeats.delete(key);
    if (isTyping)
      this.#repeats.set(
        key,
        timers.every(repeatMs, () => void this.#send(room, userId, true)),
      );
    void this.#send(room, userId, isTyping);
  }

  stop(): void {
    for (const repeat of this.#repeats.values()) repeat.cancel();
    this.#repeats.clear();
  }

  async #send(room: RoomNid, userId: string, isTyping: boolean): Promise<void> {
    const { names, servers, edus, log } = this.#parts;
    try {
      const [others, roomId] = [await servers.othersInRoom(room), await names.roomId(room)];
      const content = { room_id: roomId, user_id: userId, typing: isTyping };
      edus.sendSoon(others, { edu_type: 'm.typing', content }, `typing ${roomId} ${userId}`);
    } catch (err) {
      log.warn({ err }, 'other servers could not be told who types');
    }
  }
}
