import type { Events } from '../events/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import { candidateServers, serverOfRoom, serverOfUser } from './candidates.ts';

/** So many of the newest events tell which servers are awake. */
const eventsLookedAt = 50;
const newest = { depth: Number.MAX_SAFE_INTEGER, position: Number.MAX_SAFE_INTEGER };

/** Which servers to ask for a room's past: those that are in it, and first those that were heard of last. */
export class HistoryServers {
  readonly #serverName: string;
  readonly #names: Names;
  readonly #events: Events;
  readonly #roomServers: RoomServers;

  constructor(serverName: string, names: Names, events: Events, roomServers: RoomServers) {
    this.#serverName = serverName;
    this.#names = names;
    this.#events = events;
    this.#roomServers = roomServers;
  }

  async of(room: RoomNid, limit: number): Promise<string[]> {
    const here = await this.#roomServers.inRoom(room);
    const recent = (await this.#events.timeline.upTo(room, newest, eventsLookedAt)).map((event) =>
      serverOfUser(event.sender),
    );
    const home = serverOfRoom(await this.#names.roomId(room));
    const likely = [...recent, home].filter((server) => server !== undefined && here.has(server));
    return candidateServers(this.#serverName, likely, [...here]).slice(0, limit);
  }
}
