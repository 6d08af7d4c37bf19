import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { roomVersion, type RoomVersion } from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, Names, RoomNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';

/** Where a room stands: what the next event follows and the state that it meets. */
export interface RoomHead {
  readonly room: RoomNid;
  readonly roomId: string;
  readonly version: RoomVersion;
  readonly state: StateRoot;
  /** The events that none follows yet. Empty only before the create event. */
  readonly extremities: readonly StoredEvent[];
}

interface RoomRow {
  version: string;
  state: number;
  extremities: string;
}

/** The heads of rooms, in the database and, for the rooms used last, in memory. */
export class RoomHeads {
  readonly #database: Database;
  readonly #names: Names;
  readonly #events: Events;
  readonly #cache = boundedCache<RoomNid, RoomHead>(20_000);
  /**
   * Heads of transactions that aren't durable yet: only the room's next writer builds on them. `undefined`: a transaction
   * failed, and only the database knows what those before it have left.
   */
  readonly #pending = new Map<RoomNid, RoomHead | undefined>();
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  constructor(database: Database, names: Names, events: Events) {
    this.#database = database;
    this.#names = names;
    this.#events = events;
  }

  /**
   * Undefined if the server doesn't know the room. Inside a transaction (`writer`) the head is the one that the room's
   * transactions before have left, elsewhere it is one that can't be lost any more.
   */
  async find(room: RoomNid, writer?: Reader): Promise<RoomHead | undefined> {
    const isWriting = writer !== undefined && writer !== this.#database.reader;
    if (isWriting && this.#pending.has(room)) return this.#pending.get(room) ?? this.#load(room, writer);
    return this.#cache.get(room) ?? this.#load(room, writer ?? this.#database.reader);
  }

  /** Stores a room's first head. */
  async create(writer: Writer, head: RoomHead): Promise<void> {
    await writer.run(
      sql`INSERT INTO rooms (nid, version, state, extremities) VALUES (${head.room}, ${head.version.id}, ${head.state}, ${extremityList(head)})`,
    );
    this.#put(writer, head);
  }

  async update(writer: Writer, head: RoomHead): Promise<void> {
    await writer.run(
      sql`UPDATE rooms SET state = ${head.state}, extremities = ${extremityList(head)} WHERE nid = ${head.room}`,
    );
    this.#put(writer, head);
  }

  #put(writer: Writer, head: RoomHead): void {
    this.#pending.set(head.room, head);
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.set(head.room, head);
      if (this.#pending.get(head.room) === head) this.#pending.delete(head.room);
    });
    writer.onRollback(() => this.#pending.set(head.room, undefined));
  }

  async #load(room: RoomNid, reader: Reader): Promise<RoomHead | undefined> {
    const changes = this.#changes;
    const row = await reader.get<RoomRow>(sql`SELECT version, state, extremities FROM rooms WHERE nid = ${room}`);
    if (!row) return undefined;
    const nids = JSON.parse(row.extremities) as EventNid[];
    const found = await this.#events.getMany(nids, reader);
    const version = roomVersion(row.version);
    if (!version) throw new Error(`Room ${room} has the unknown version ${row.version}`);
    const head: RoomHead = {
      room,
      roomId: await this.#names.roomId(room, reader),
      version,
      state: row.state as StateRoot,
      extremities: nids.map((nid) => found.get(nid) as StoredEvent),
    };
    if (reader === this.#database.reader && changes === this.#changes) this.#cache.set(room, head);
    return head;
  }
}

function extremityList(head: RoomHead): string {
  return JSON.stringify(head.extremities.map((event) => event.nid));
}
