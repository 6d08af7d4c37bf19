import { sql, type Database, type Reader } from '@myelin/database';
import type { Clock } from '@myelin/runtime';

/** A state event that can't be taken yet. */
export interface UnprovenEvent {
  readonly eventId: string;
  /** Whose keys couldn't be had; empty if an event that authorizes it couldn't be checked. */
  readonly server: string;
  readonly json: string;
}

/** One that waits. */
export interface WaitingEvent extends UnprovenEvent {
  /** Events after which another server told that it is in the state. */
  readonly toldAfter: readonly string[];
  readonly tries: number;
}

interface Row {
  event_id: string;
  server: string;
  json: string;
  told_after: string;
  tries: number;
}

/** What waits of a room. */
interface Waiting {
  readonly servers: ReadonlySet<string>;
  readonly count: number;
  readonly bytes: number;
}

/** When an event is tried again, in ms after the time before; then it is given up. */
const delaysMs = [30_000, 120_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];
/** Bounds of what waits. */
const most = {
  ofRoom: { count: 2_000, bytes: 4 * 1024 * 1024 },
  ofAll: { count: 20_000, bytes: 64 * 1024 * 1024 },
};
const mostToldAfter = 20;

/** State events that wait for the keys of who signed them. What rooms they are of is in memory: mostly there is none. */
export class UnprovenEvents {
  readonly #database: Database;
  readonly #clock: Clock;
  #rooms: Promise<Map<string, Waiting>> | undefined;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Whether any event of a room waits; with `server`: one that waits for that server's keys. */
  async waits(roomId: string, server?: string): Promise<boolean> {
    const waiting = (await this.#waiting()).get(roomId);
    return waiting !== undefined && (server === undefined || waiting.servers.has(server));
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#waiting()).size === 0;
  }

  /** Keeps events for later, as far as there is room for them. `toldAfter`: see `told`. */
  async keep(roomId: string, events: readonly UnprovenEvent[], toldAfter: readonly string[] = []): Promise<void> {
    if (events.length === 0) return;
    const rooms = await this.#waiting();
    const left = spaceLeft(rooms, roomId);
    const kept = events.filter(({ json }) => --left.count >= 0 && (left.bytes -= json.length) >= 0);
    const nextAt = this.#clock.now() + (delaysMs[0] as number);
    const after = JSON.stringify(toldAfter.slice(0, mostToldAfter));
    await this.#database.transact((writer) =>
      writer.insert(
        'unproven_events',
        ['room_id', 'event_id', 'server', 'json', 'told_after', 'tries', 'next_at'],
        kept.map(({ eventId, server, json }) => [roomId, eventId, server, json, after, 0, nextAt]),
        '(room_id, event_id) DO NOTHING',
      ),
    );
    await this.#count(roomId);
  }

  /** Notes that events are in the state after others, as another server tells: what of them waits belongs there too. */
  async told(roomId: string, eventIds: Iterable<string>, after: readonly string[]): Promise<void> {
    if (!(await this.waits(roomId))) return;
    const ids = new Set(eventIds);
    if ((await toldOtherwise(this.#database.reader, roomId, ids, after)).length === 0) return;
    // Two servers may tell at once: neither may overwrite what the other one has told.
    await this.#database.transact(async (writer) => {
      for (const [eventId, toldAfter] of await toldOtherwise(writer, roomId, ids, after))
        await writer.run(
          sql`UPDATE unproven_events SET told_after = ${JSON.stringify(toldAfter)}
              WHERE room_id = ${roomId} AND event_id = ${eventId}`,
        );
    });
  }

  /** The rooms of which events are due. */
  async dueRooms(limit: number): Promise<string[]> {
    const rows = await this.#database.reader.all<{ room_id: string }>(
      sql`SELECT DISTINCT room_id FROM unproven_events WHERE next_at <= ${this.#clock.now()} LIMIT ${limit}`,
    );
    return rows.map((row) => row.room_id);
  }

  /** Events of a room that are due. */
  due(roomId: string, limit: number): Promise<WaitingEvent[]> {
    return this.#select(
      sql`SELECT * FROM unproven_events WHERE room_id = ${roomId} AND next_at <= ${this.#clock.now()}
          ORDER BY next_at, event_id LIMIT ${limit}`,
    );
  }

  /** Events of a room that wait for a server's keys; with an empty `server`: for other events. */
  ofServer(roomId: string, server: string, limit: number): Promise<WaitingEvent[]> {
    return this.#select(
      sql`SELECT * FROM unproven_events WHERE room_id = ${roomId} AND server = ${server} ORDER BY event_id LIMIT ${limit}`,
    );
  }

  /** Drops events that are done with, and notes when the others are tried again: each some times. */
  async settle(roomId: string, done: readonly WaitingEvent[], still: readonly WaitingEvent[]): Promise<void> {
    const now = this.#clock.now();
    await this.#database.transact(async (writer) => {
      for (const { eventId } of done)
        await writer.run(sql`DELETE FROM unproven_events WHERE room_id = ${roomId} AND event_id = ${eventId}`);
      for (const { eventId, server, tries } of still) {
        const delay = delaysMs[tries + 1];
        const where = sql`room_id = ${roomId} AND event_id = ${eventId}`;
        if (delay === undefined) await writer.run(sql`DELETE FROM unproven_events WHERE ${where}`);
        else
          await writer.run(
            sql`UPDATE unproven_events SET server = ${server}, tries = ${tries + 1}, next_at = ${now + delay} WHERE ${where}`,
          );
      }
    });
    await this.#count(roomId);
  }

  async #select(query: ReturnType<typeof sql>): Promise<WaitingEvent[]> {
    const rows = await this.#database.reader.all<Row>(query);
    return rows.map((row) => ({
      eventId: row.event_id,
      server: row.server,
      json: row.json,
      toldAfter: JSON.parse(row.told_after) as string[],
      tries: row.tries,
    }));
  }

  #waiting(): Promise<Map<string, Waiting>> {
    this.#rooms ??= waitingIn(this.#database.reader);
    return this.#rooms;
  }

  async #count(roomId: string): Promise<void> {
    const now = (await waitingIn(this.#database.reader, roomId)).get(roomId);
    const rooms = await this.#waiting();
    if (now) rooms.set(roomId, now);
    else rooms.delete(roomId);
  }
}

/** Those that wait of some events, with all after which they were told, where that grows. */
async function toldOtherwise(
  reader: Reader,
  roomId: string,
  eventIds: ReadonlySet<string>,
  after: readonly string[],
): Promise<[eventId: string, toldAfter: string[]][]> {
  const rows = await reader.all<Pick<Row, 'event_id' | 'told_after'>>(
    sql`SELECT event_id, told_after FROM unproven_events WHERE room_id = ${roomId}`,
  );
  const changed: [string, string[]][] = [];
  for (const { event_id: eventId, told_after: told } of rows) {
    if (!eventIds.has(eventId)) continue;
    const before = JSON.parse(told) as string[];
    const now = [...new Set([...before, ...after])].slice(0, mostToldAfter);
    if (now.length > before.length) changed.push([eventId, now]);
  }
  return changed;
}

async function waitingIn(reader: Reader, roomId?: string): Promise<Map<string, Waiting>> {
  const rows = await reader.all<{ room_id: string; server: string; n: number; bytes: number }>(
    sql`SELECT room_id, server, COUNT(*) AS n, CAST(SUM(LENGTH(json)) AS BIGINT) AS bytes FROM unproven_events
        ${roomId === undefined ? sql`` : sql`WHERE room_id = ${roomId}`} GROUP BY room_id, server`,
  );
  const rooms = new Map<string, { servers: Set<string>; count: number; bytes: number }>();
  for (const row of rows) {
    let room = rooms.get(row.room_id);
    if (!room) rooms.set(row.room_id, (room = { servers: new Set(), count: 0, bytes: 0 }));
    room.servers.add(row.server);
    room.count += row.n;
    room.bytes += row.bytes;
  }
  return rooms;
}

/** How much more may wait of a room. */
function spaceLeft(rooms: ReadonlyMap<string, Waiting>, roomId: string): { count: number; bytes: number } {
  const all = { count: 0, bytes: 0 };
  for (const { count, bytes } of rooms.values()) {
    all.count += count;
    all.bytes += bytes;
  }
  const ofRoom = rooms.get(roomId) ?? { count: 0, bytes: 0 };
  return {
    count: Math.min(most.ofAll.count - all.count, most.ofRoom.count - ofRoom.count),
    bytes: Math.min(most.ofAll.bytes - all.bytes, most.ofRoom.bytes - ofRoom.bytes),
  };
}
