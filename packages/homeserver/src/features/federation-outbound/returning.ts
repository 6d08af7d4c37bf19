import type { Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { RoomNid } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { FederationOutbound } from './federation-outbound.ts';
import type { OutboundStore } from './outbound-store.ts';

export interface ReturningParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly store: OutboundStore;
  readonly servers: Pick<JoinedServers, 'roomsWithOthers' | 'othersInRoom' | 'isInRoom'>;
  readonly outbound: Pick<FederationOutbound, 'greet'>;
  /** The position of a room's newest event. */
  readonly newestIn: (room: RoomNid) => Promise<number>;
}

/** How often it is noted that the server runs, in milliseconds. */
const noteMs = 60_000;
/** Others have hardly tried in vain in less than this, in milliseconds. */
const leastDowntimeMs = 120_000;
/** Between two servers, in milliseconds. */
const pauseMs = 250;
/** Servers that are spoken to. */
const mostGreeted = 5_000;
/** Rooms that are looked at: those that this server has known for the shortest time. */
const mostRooms = 20_000;

/**
 * Who couldn't reach this server leaves it alone, for hours or days, until it hears from it. So after a downtime each
 * server in the rooms of local users is sent something, slowly, those of the rooms with the newest events first.
 */
export class Returning {
  readonly #parts: ReturningParts;
  readonly #stopping = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #noting: Promise<void> = Promise.resolve();
  /** All have been greeted: until then a crash begins anew. */
  #isDone = false;

  constructor(parts: ReturningParts) {
    this.#parts = parts;
  }

  start(): void {
    const { timers, log } = this.#parts;
    this.#work = this.#run().catch((err: unknown) => {
      if (!this.#stopping.signal.aborted) log.warn({ err }, 'other servers could not be told that this one is back');
    });
    const timer = timers.every(noteMs, () => void this.#note());
    this.#stopping.signal.addEventListener('abort', () => timer.cancel());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work;
    await this.#noting;
    await this.#note();
  }

  async #run(): Promise<void> {
    const { clock, store, log } = this.#parts;
    const started = clock.now();
    const last = await store.lastAlive();
    const downtimeMs = last === undefined ? 0 : started - last;
    if (downtimeMs >= leastDowntimeMs) {
      const servers = await this.#greetAll();
      log.info({ servers, downtimeMs }, 'other servers were told that this one is back');
    }
    this.#isDone = true;
    // Crashes that follow each other closely needn't all write.
    if (last === undefined || downtimeMs < 0 || downtimeMs > noteMs / 2) await this.#note();
  }

  async #greetAll(): Promise<number> {
    const { serverName, servers, outbound, timers } = this.#parts;
    const { signal } = this.#stopping;
    const greeted = new Set<string>();
    for (const room of await this.#newestRooms()) {
      if (!(await servers.isInRoom(room, serverName))) continue;
      for (const server of await servers.othersInRoom(room)) {
        signal.throwIfAborted();
        if (greeted.size >= mostGreeted) return greeted.size;
        if (greeted.has(server)) continue;
        greeted.add(server);
        outbound.greet(server);
        await timers.sleep(pauseMs, signal);
      }
    }
    return greeted.size;
  }

  async #newestRooms(): Promise<RoomNid[]> {
    const { servers, newestIn } = this.#parts;
    const newest: { room: RoomNid; position: number }[] = [];
    for (const room of servers.roomsWithOthers().slice(-mostRooms)) {
      this.#stopping.signal.throwIfAborted();
      newest.push({ room, position: await newestIn(room) });
    }
    return newest.toSorted((a, b) => b.position - a.position).map(({ room }) => room);
  }

  /** Who shares no room with others has nobody to come back to. */
  #note(): Promise<void> {
    const { servers, store, clock, log } = this.#parts;
    if (!this.#isDone || servers.roomsWithOthers().length === 0) return Promise.resolve();
    this.#noting = store
      .noteAlive(clock.now())
      .catch((err: unknown) => log.warn({ err }, 'it could not be noted that the server runs'));
    return this.#noting;
  }
}
