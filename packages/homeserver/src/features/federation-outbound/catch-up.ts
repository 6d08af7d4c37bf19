import type { RoomServers } from '../room-servers/index.ts';
import type { RoomNid } from '../names/index.ts';
import { mostEdus, mostPdus, reachedBy, type PositionedItem } from './item.ts';
import type { OutboundStore, RoomEventItem } from './outbound-store.ts';

/** Rows that are read at a time. */
const page = 500;

export interface MissedItems {
  /** In order of positions. */
  readonly items: readonly PositionedItem[];
  /** Everything up to here is among them; undefined: all there is. */
  readonly upTo: number | undefined;
}

/** A part of what was missed: all of its kind up to a position, or (undefined) all there is. */
interface Part {
  readonly items: readonly PositionedItem[];
  readonly upTo: number | undefined;
}

export type ServerRooms = RoomServers & { roomsOf(server: string): Promise<ReadonlyMap<RoomNid, number>> };

/**
 * What a server that wasn't reached has missed: of each room the newest event (it asks for those before it), the last
 * event of rooms that it has left, and whose devices have changed. Oldest first.
 */
export class CatchUp {
  readonly #store: OutboundStore;
  readonly #servers: ServerRooms;

  constructor(store: OutboundStore, servers: ServerRooms) {
    this.#store = store;
    this.#servers = servers;
  }

  async after(destination: string, cursor: number): Promise<MissedItems> {
    const [rooms, parted, devices] = [
      await this.#rooms(destination, cursor),
      await this.#parted(destination, cursor),
      await this.#devices(destination, cursor),
    ];
    const ends = [rooms.upTo, parted.upTo, devices.upTo].filter((upTo) => upTo !== undefined);
    const upTo = ends.length === 0 ? undefined : Math.min(...ends);
    const items = [...rooms.items, ...parted.items, ...devices.items]
      .filter(({ position }) => upTo === undefined || position <= upTo)
      .toSorted((a, b) => a.position - b.position);
    let pdus = 0;
    const cut = items.findIndex((item) => item.kind === 'event' && ++pdus > mostPdus);
    if (cut < 0) return { items, upTo };
    const reached = reachedBy(items, cut);
    return { items: items.slice(0, cut).filter(({ position }) => position <= reached), upTo: reached };
  }

  async #rooms(destination: string, cursor: number): Promise<Part> {
    const rooms = await this.#servers.roomsOf(destination);
    if (rooms.size === 0) return { items: [], upTo: undefined };
    const items: RoomEventItem[] = [];
    for (let from = cursor; ;) {
      const rows = await this.#store.roomsAfter(from, page);
      for (const row of rows) {
        const since = rooms.get(row.room);
        // What was sent before it came in isn't for it.
        if (since === undefined || row.position <= since) continue;
        items.push(row);
        if (items.length === mostPdus) return { items, upTo: row.position };
      }
      if (rows.length < page) return { items, upTo: undefined };
      from = (rows.at(-1) as RoomEventItem).position;
    }
  }

  async #parted(destination: string, cursor: number): Promise<Part> {
    const items = await this.#store.partingsAfter(destination, cursor, mostPdus + 1);
    return { items, upTo: items.length > mostPdus ? reachedBy(items, mostPdus) : undefined };
  }

  async #devices(destination: string, cursor: number): Promise<Part> {
    const items: PositionedItem[] = [];
    const shares = new Map<number, boolean>();
    for (let from = cursor; ;) {
      const rows = await this.#store.deviceListsAfter(from, page);
      for (const row of rows) {
        let isShared = shares.get(row.user);
        if (isShared === undefined)
          shares.set(row.user, (isShared = (await this.#servers.sharingRoomsWith(row.user)).has(destination)));
        if (!isShared) continue;
        items.push(row);
        if (items.length === mostEdus) return { items, upTo: row.position };
      }
      if (rows.length < page) return { items, upTo: undefined };
      from = (rows.at(-1) as PositionedItem).position;
    }
  }
}
