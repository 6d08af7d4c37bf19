import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Timers } from '@myelin/runtime';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid, RoomNid, StateKeyNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import { membersPatienceMs, MemberWaits } from './member-waits.ts';

/** A room that this server has entered without learning all of its members. Server-Server API §PUT /send_join. */
export interface PartialRoom {
  readonly room: RoomNid;
  /** The join by which this server came in, and its position. */
  readonly event: EventNid;
  readonly position: number;
  /** The server that let this one in. */
  readonly origin: string;
  /** Those that it said are in the room. */
  readonly servers: readonly string[];
  /** In milliseconds since 1970. */
  readonly started: number;
}

/** An event whose state was found out from a state without members. */
export interface PartialEvent {
  readonly event: EventNid;
  /** The states after events before it that weren't here, as another server told them, by the ids of these. */
  readonly told: ReadonlyMap<string, StateRoot>;
}

const nothingTold: PartialEvent['told'] = new Map();

/** What became of a room when its members were known. */
export interface Completion {
  readonly partial: PartialRoom;
  /** From here on the room is whole. */
  readonly position: number;
  /** How the current state is other than the partial one was: nearly all of it members who weren't known. */
  readonly changes: readonly {
    readonly key: StateKeyNid;
    readonly before: StoredEvent | undefined;
    readonly after: StoredEvent | undefined;
  }[];
}

/** Called in the transaction that makes a room whole. */
export type CompletionListener = (writer: Writer, room: RoomNid, completion: Completion) => Promise<void>;

/**
 * Which rooms lack members. All of them are in memory, so that asking costs a look into a map. While a room is partial, a
 * user of a server in it (`features/room-servers`) may be its member without being known as one.
 */
export class PartialRooms {
  readonly #database: Database;
  readonly #rooms: Map<RoomNid, PartialRoom>;
  /** Rooms of transactions that aren't durable yet, in which they are made whole. */
  readonly #ending = new Set<RoomNid>();
  readonly #waits: MemberWaits;
  readonly #listeners: CompletionListener[] = [];
  readonly #beginListeners: ((partial: PartialRoom) => void)[] = [];
  /** The newest position at which a room became whole. */
  #lastCompleted: number;

  private constructor(database: Database, waits: MemberWaits, rooms: readonly PartialRoom[], lastCompleted: number) {
    this.#database = database;
    this.#waits = waits;
    this.#rooms = new Map(rooms.map((each) => [each.room, each]));
    this.#lastCompleted = lastCompleted;
  }

  static async open(database: Database, timers: Timers): Promise<PartialRooms> {
    const rows = await database.reader.all<PartialRow>(sql`SELECT * FROM partial_rooms`);
    const last = await database.reader.get<{ last: number | null }>(
      sql`SELECT MAX(position) AS last FROM completed_rooms`,
    );
    return new PartialRooms(database, new MemberWaits(timers), rows.map(fromRow), last?.last ?? 0);
  }

  isPartial(room: RoomNid): boolean {
    return this.#rooms.has(room);
  }

  /** As `isPartial`, for who writes to the room: as the room's transactions before have left it. */
  isPartialIn(_writer: Writer, room: RoomNid): boolean {
    return this.#rooms.has(room) && !this.#ending.has(room);
  }

  get(room: RoomNid): PartialRoom | undefined {
    return this.#rooms.get(room);
  }

  all(): PartialRoom[] {
    return [...this.#rooms.values()];
  }

  /**
   * Waits for a room's members for who asks on behalf of a client, as long as clients are to wait, and the client is there.
   * Resolves to whether the room is whole, at once if it is.
   */
  completesSoon(room: RoomNid, signal?: AbortSignal): Promise<boolean> {
    return this.completesWithin(room, membersPatienceMs, signal);
  }

  /** As `completesSoon`. Throws M_UNKNOWN (503) if the room isn't whole then. */
  async requireComplete(room: RoomNid, signal?: AbortSignal): Promise<void> {
    if (await this.completesSoon(room, signal)) return;
    throw new MatrixError('M_UNKNOWN', 'The members of the room are not known here yet, try again later', {
      status: 503,
    });
  }

  /** As `completesSoon`, with so much patience in milliseconds. */
  async completesWithin(room: RoomNid, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    return !this.#rooms.has(room) || this.#waits.until(room, milliseconds, signal);
  }

  /** Adds who is to be told, in its transaction, that a room has become whole. */
  onComplete(listener: CompletionListener): void {
    this.#listeners.push(listener);
  }

  /** Adds who is to be told that a room was entered without its members, once that is durable. */
  onBegin(listener: (partial: PartialRoom) => void): void {
    this.#beginListeners.push(listener);
  }

  /**
   * In the transaction by which this server enters the room. Events of an earlier stay whose members never became known
   * stay noted.
   */
  async begin(writer: Writer, partial: PartialRoom): Promise<void> {
    const { room, event, position, origin, servers, started } = partial;
    await writer.insert(
      'partial_rooms',
      ['room', 'event', 'position', 'origin', 'servers', 'started'],
      [[room, event, position, origin, JSON.stringify(servers), started]],
      `(room) DO UPDATE SET event = excluded.event, position = excluded.position, origin = excluded.origin,
        servers = excluded.servers, started = excluded.started`,
    );
    await this.note(writer, room, { event, told: nothingTold });
    const before = this.#rooms.get(room);
    this.#rooms.set(room, partial);
    writer.onDurable(() => {
      for (const listener of this.#beginListeners) listener(partial);
    });
    writer.onRollback(() => {
      if (this.#rooms.get(room) !== partial) return;
      if (before) this.#rooms.set(room, before);
      else this.#rooms.delete(room);
    });
  }

  /** Notes that an event's state was found out from one without members, or what was told of the events before it. */
  async note(writer: Writer, room: RoomNid, { event, told }: PartialEvent): Promise<void> {
    await writer.insert(
      'partial_events',
      ['room', 'event', 'told'],
      [[room, event, JSON.stringify([...told])]],
      '(room, event) DO UPDATE SET told = excluded.told',
    );
  }

  /** Notes an event of a partial room if one of those before it lacks members. */
  async follow(writer: Writer, room: RoomNid, event: EventNid, previous: readonly StoredEvent[]): Promise<void> {
    if (this.isPartialIn(writer, room) && (await this.lackMembers(room, previous, writer)))
      await this.note(writer, room, { event, told: nothingTold });
  }

  /** Whether the state of one of these events of a room was found out from one without members. */
  async lackMembers(
    room: RoomNid,
    events: readonly StoredEvent[],
    reader: Reader = this.#database.reader,
  ): Promise<boolean> {
    if (!this.#rooms.has(room) || events.length === 0) return false;
    const nids = events.map((event) => event.nid);
    const row = await reader.get(
      sql`SELECT event FROM partial_events WHERE room = ${room} AND ${sql.anyOf('event', nids)} LIMIT 1`,
    );
    return row !== undefined;
  }

  /** The events of a room whose states lack members, by their numbers. */
  async eventsOf(room: RoomNid, reader: Reader = this.#database.reader): Promise<PartialEvent[]> {
    const rows = await reader.all<{ event: number; told: string }>(
      sql`SELECT event, told FROM partial_events WHERE room = ${room} ORDER BY event`,
    );
    return rows.map(({ event, told }) => ({
      event: event as EventNid,
      told: new Map(JSON.parse(told) as [string, StateRoot][]),
    }));
  }

  /** In the transaction that makes a room whole, last: tells the listeners and, once it is durable, those who wait. */
  async complete(writer: Writer, completion: Completion): Promise<void> {
    const { room } = completion.partial;
    for (const listener of this.#listeners) await listener(writer, room, completion);
    await this.#clear(writer, room);
    await writer.insert(
      'completed_rooms',
      ['room', 'position'],
      [[room, completion.position]],
      '(room) DO UPDATE SET position = excluded.position',
    );
    this.#end(writer, room);
    writer.onDurable(() => (this.#lastCompleted = Math.max(this.#lastCompleted, completion.position)));
  }

  /** Another server has told the whole state after all. Those who wait are woken. */
  async giveUp(writer: Writer, room: RoomNid): Promise<void> {
    await this.#clear(writer, room);
    this.#end(writer, room);
  }

  /** Rooms that became whole after a position. Costs nothing where none did. */
  async completedSince(position: number, reader: Reader = this.#database.reader): Promise<Map<RoomNid, number>> {
    if (position >= this.#lastCompleted) return new Map();
    const rows = await reader.all<{ room: number; position: number }>(
      sql`SELECT room, position FROM completed_rooms WHERE position > ${position}`,
    );
    return new Map(rows.map((row) => [row.room as RoomNid, row.position]));
  }

  /** Notes what clients were shown as the state of a room while it was partial, from each of these positions on. */
  async noteShown(writer: Writer, room: RoomNid, shown: ReadonlyMap<number, StateRoot>): Promise<void> {
    await writer.run(sql`DELETE FROM shown_partial_states WHERE room = ${room}`);
    const rows = [...shown].map(([position, state]) => [room, position, state]);
    await writer.insert('shown_partial_states', ['room', 'position', 'state'], rows);
  }

  /** What clients were shown as the state of a room at a position at which it was partial. */
  async shownAt(room: RoomNid, position: number): Promise<StateRoot | undefined> {
    const row = await this.#database.reader.get<{ state: number }>(
      sql`SELECT state FROM shown_partial_states WHERE room = ${room} AND position <= ${position} ORDER BY position DESC LIMIT 1`,
    );
    return row?.state as StateRoot | undefined;
  }

  async #clear(writer: Writer, room: RoomNid): Promise<void> {
    await writer.run(sql`DELETE FROM partial_rooms WHERE room = ${room}`);
    await writer.run(sql`DELETE FROM partial_events WHERE room = ${room}`);
  }

  #end(writer: Writer, room: RoomNid): void {
    this.#ending.add(room);
    writer.onRollback(() => this.#ending.delete(room));
    writer.onDurable(() => {
      this.#ending.delete(room);
      this.#rooms.delete(room);
      this.#waits.end(room);
    });
  }
}

interface PartialRow {
  room: number;
  event: number;
  position: number;
  origin: string;
  servers: string;
  started: number;
}

function fromRow(row: PartialRow): PartialRoom {
  return {
    room: row.room as RoomNid,
    event: row.event as EventNid,
    position: row.position,
    origin: row.origin,
    servers: JSON.parse(row.servers) as string[],
    started: row.started,
  };
}
