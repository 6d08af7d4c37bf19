import { MatrixError } from '@myelin/api';
import { randomFraction, type Random, type Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import { Slots } from '../../queues/index.ts';
import type { IncomingEvents } from '../incoming-events/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { PartialRoom, PartialRooms } from '../partial-rooms/index.ts';
import type { RoomServers } from '../room-servers/index.ts';

export interface RoomCompletionsParts {
  readonly serverName: string;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly names: Names;
  readonly incoming: IncomingEvents;
  readonly partialRooms: PartialRooms;
  readonly roomServers: RoomServers;
}

/** So many rooms' members are fetched at once: each may be a large list. */
const roomsAtOnce = 4;
/** So many servers are asked in one round. */
const serversInRound = 10;
/** Between rounds in which no server has told the members, in milliseconds; doubled from one to the next. */
const firstPauseMs = 2_000;
const longestPauseMs = 10 * 60_000;

/** Gets the members of the rooms that were entered without them, in the background; goes on after a restart. */
export class RoomCompletions {
  readonly #parts: RoomCompletionsParts;
  readonly #slots = new Slots({ atOnce: roomsAtOnce });
  readonly #stopping = new AbortController();
  /** By room, how to end its pause. */
  readonly #running = new Map<RoomNid, { work: Promise<void>; hurry: () => void; again: boolean }>();

  constructor(parts: RoomCompletionsParts) {
    this.#parts = parts;
    parts.partialRooms.onBegin(({ room }) => this.#begin(room));
  }

  /** Begins with the rooms that lacked members when the server stopped. */
  start(): void {
    for (const { room } of this.#parts.partialRooms.all()) this.#begin(room);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const { hurry } of this.#running.values()) hurry();
    await Promise.all([...this.#running.values()].map(({ work }) => work));
  }

  #begin(room: RoomNid): void {
    if (this.#stopping.signal.aborted) return;
    const running = this.#running.get(room);
    if (running) {
      running.again = true;
      return running.hurry();
    }
    const entry = { work: Promise.resolve(), hurry: (): void => {}, again: false };
    this.#running.set(room, entry);
    entry.work = this.#complete(room, (hurry) => (entry.hurry = hurry))
      .catch((err: unknown) => this.#parts.log.error({ err }, 'the members of a room could not be had'))
      .finally(() => {
        this.#running.delete(room);
        if (entry.again) this.#begin(room);
      });
  }

  async #complete(room: RoomNid, onPause: (hurry: () => void) => void): Promise<void> {
    const { partialRooms, roomServers, serverName, random } = this.#parts;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      // Who has left a room is told nothing of it; entering it again begins anew.
      if (!partialRooms.isPartial(room) || !(await roomServers.isInRoom(room, serverName))) return;
      await this.#slots.run(() => this.#round(room));
      if (!partialRooms.isPartial(room) || this.#stopping.signal.aborted) return;
      await this.#pause(pauseMs * (0.75 + randomFraction(random) / 2), onPause);
      if (this.#stopping.signal.aborted) return;
    }
  }

  async #round(room: RoomNid): Promise<void> {
    const { partialRooms, names, incoming, log } = this.#parts;
    const partial = partialRooms.get(room);
    if (!partial) return;
    const roomId = await names.roomId(room);
    const { signal } = this.#stopping;
    for (const server of await this.#servers(partial)) {
      if (signal.aborted || !partialRooms.isPartial(room)) return;
      try {
        await incoming.completeRoom(server, roomId, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof MatrixError) log.info({ room: roomId, server, reason: error.message }, 'members not told');
        else log.error({ room: roomId, server, err: error }, 'the members of a room could not be taken in');
      }
    }
  }

  /**
   * First the server that let this one in, twice: it was believed once already, while any server in the room could tell lies.
   * Then others, in any order.
   */
  async #servers({ room, origin, servers }: PartialRoom): Promise<string[]> {
    const { roomServers, serverName, random } = this.#parts;
    const others = new Set([...servers, ...(await roomServers.inRoom(room))]);
    others.delete(serverName);
    others.delete(origin);
    const shuffled = [...others].map((server) => [randomFraction(random), server] as const);
    shuffled.sort(([a], [b]) => a - b);
    return [origin, origin, ...shuffled.map(([, server]) => server)].slice(0, serversInRound);
  }

  #pause(milliseconds: number, onPause: (hurry: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.timers.after(milliseconds, done);
      function done(): void {
        timer.cancel();
        resolve();
      }
      onPause(done);
    });
  }
}
