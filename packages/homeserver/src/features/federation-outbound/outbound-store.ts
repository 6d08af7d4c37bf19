import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';
import type { DeviceListItem, EventItem } from './item.ts';

export interface RoomEventItem extends EventItem {
  readonly room: RoomNid;
}

interface EventRow {
  room: number;
  position: number;
  event: number;
}

/** Stands in `outbound_cursors` for all servers without a row of their own. */
const everybody = '';

/** What is to be sent, and how far everybody has come. */
export class OutboundStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get #reader(): Reader {
    return this.#database.reader;
  }

  async putEvent(writer: Writer, room: RoomNid, position: number, event: EventNid): Promise<void> {
    await writer.run(sql`INSERT INTO outbound_rooms (room, position, event) VALUES (${room}, ${position}, ${event})
      ON CONFLICT (room) DO UPDATE SET position = excluded.position, event = excluded.event`);
  }

  /** Takes the place of what was there for these servers of the room. */
  async putPartings(
    writer: Writer,
    destinations: readonly string[],
    room: RoomNid,
    position: number,
    events: readonly EventNid[],
  ): Promise<void> {
    await writer.run(
      sql`DELETE FROM outbound_partings WHERE room = ${room} AND ${sql.anyOf('destination', destinations)}`,
    );
    await writer.insert(
      'outbound_partings',
      ['destination', 'room', 'position', 'event'],
      destinations.flatMap((destination) => events.map((event) => [destination, room, position, event])),
    );
  }

  async putDeviceLists(writer: Writer, items: readonly DeviceListItem[]): Promise<void> {
    await writer.insert(
      'outbound_device_lists',
      ['user_nid', 'device_id', 'position', 'previous'],
      items.map(({ user, deviceId, position, previous }) => [user, deviceId, position, previous]),
      '(user_nid, device_id) DO UPDATE SET position = excluded.position, previous = excluded.previous',
    );
  }

  /** The newest event of each room, of those to be sent after a position, in order. */
  async roomsAfter(position: number, limit: number): Promise<RoomEventItem[]> {
    const rows = await this.#reader.all<EventRow>(
      sql`SELECT room, position, event FROM outbound_rooms WHERE position > ${position} ORDER BY position LIMIT ${limit}`,
    );
    return rows.map(eventItem);
  }

  async partingsAfter(destination: string, position: number, limit: number): Promise<RoomEventItem[]> {
    const rows = await this.#reader.all<EventRow>(
      sql`SELECT room, position, event FROM outbound_partings
          WHERE destination = ${destination} AND position > ${position} ORDER BY position, event LIMIT ${limit}`,
    );
    return rows.map(eventItem);
  }

  async deviceListsAfter(position: number, limit: number): Promise<DeviceListItem[]> {
    const rows = await this.#reader.all<{ user_nid: number; device_id: string; position: number; previous: number }>(
      sql`SELECT user_nid, device_id, position, previous FROM outbound_device_lists
          WHERE position > ${position} ORDER BY position LIMIT ${limit}`,
    );
    return rows.map((row) => ({
      kind: 'device-list',
      position: row.position,
      user: row.user_nid as UserNid,
      deviceId: row.device_id,
      previous: row.previous,
    }));
  }

  async partedAfter(position: number): Promise<string[]> {
    const rows = await this.#reader.all<{ destination: string }>(
      sql`SELECT DISTINCT destination FROM outbound_partings WHERE position > ${position}`,
    );
    return rows.map(({ destination }) => destination);
  }

  /** How far each server has come that has a row of its own, and all others (undefined: nobody ever noted it). */
  async cursors(): Promise<{ mark: number | undefined; byDestination: Map<string, number> }> {
    const rows = await this.#reader.all<{ destination: string; position: number }>(
      sql`SELECT destination, position FROM outbound_cursors`,
    );
    const byDestination = new Map(rows.map(({ destination, position }) => [destination, position]));
    const mark = byDestination.get(everybody);
    byDestination.delete(everybody);
    return { mark, byDestination };
  }

  /** When the server was last known to run (ms). */
  async lastAlive(): Promise<number | undefined> {
    return (await this.#reader.get<{ at: number }>(sql`SELECT at FROM outbound_alive WHERE id = 1`))?.at;
  }

  async noteAlive(at: number): Promise<void> {
    await this.#database.transact((writer) =>
      writer.insert('outbound_alive', ['id', 'at'], [[1, at]], '(id) DO UPDATE SET at = excluded.at'),
    );
  }

  /** Notes how far everybody has come; `gone` have caught up with the others. */
  async putCursors(mark: number, changed: ReadonlyMap<string, number>, gone: readonly string[]): Promise<void> {
    await this.#database.transact(async (writer) => {
      await writer.insert(
        'outbound_cursors',
        ['destination', 'position'],
        [...changed, [everybody, mark] as const].map(([destination, position]) => [destination, position]),
        '(destination) DO UPDATE SET position = excluded.position',
      );
      if (gone.length > 0) await writer.run(sql`DELETE FROM outbound_cursors WHERE ${sql.anyOf('destination', gone)}`);
      await writer.run(sql`DELETE FROM outbound_partings WHERE position <= ${mark}
        AND NOT EXISTS (SELECT 1 FROM outbound_cursors WHERE outbound_cursors.destination = outbound_partings.destination)`);
    });
  }
}

function eventItem({ room, position, event }: EventRow): RoomEventItem {
  return { kind: 'event', position, event: event as EventNid, room: room as RoomNid };
}
