import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { ResolutionBudgetError } from '@myelin/protocol';
import type { Log } from '../../../observability/log.ts';
import type { Events, StoredEvent } from '../../events/index.ts';
import type { EventNid, Names, RoomNid } from '../../names/index.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import { statesAfter, type StateResolver } from '../../state-resolution/index.ts';
import { restateEnds, type EventPlacer, type RoomHead, type RoomHeads, type Timeline } from '../../timeline/index.ts';

export interface WaitingEndsParts {
  readonly database: Database;
  readonly names: Names;
  readonly events: Events;
  readonly heads: RoomHeads;
  readonly placer: EventPlacer;
  readonly resolver: StateResolver;
  readonly timeline: Timeline;
  readonly partialRooms: PartialRooms;
  readonly log: Log;
}

/**
 * Events of a gap that nothing follows yet and that aren't ends of their rooms, though they ought to be. With each end of a large fork the
 * room's current state is to be found out; in a gap what follows comes next, so the last of it does that for all.
 * What nothing came to follow is an end after all when the gap is done with, or after a restart.
 */
export class WaitingEnds {
  readonly #parts: WaitingEndsParts;
  /** Rooms that may have some. */
  #rooms: Promise<Set<RoomNid>> | undefined;
  #starting: Promise<void> | undefined;

  constructor(parts: WaitingEndsParts) {
    this.#parts = parts;
  }

  /** Puts in order what a kill has left. `inTurn`: runs work on a room after all work before it. */
  start(inTurn: (roomId: string, work: () => Promise<void>) => Promise<void>): void {
    const { names, log } = this.#parts;
    const settleAll = async (): Promise<void> => {
      for (const room of await this.#known())
        await inTurn(await names.roomId(room), () => this.settle(room)).catch((error: unknown) =>
          log.error(
            { err: error, room },
            'ends of a room could not be put in order; it is tried again with its next event',
          ),
        );
    };
    this.#starting = settleAll();
  }

  async stop(): Promise<void> {
    await this.#starting;
  }

  async of(room: RoomNid, reader: Reader = this.#parts.database.reader): Promise<StoredEvent[]> {
    if (!(await this.#known()).has(room)) return [];
    const rows = await reader.all<{ event: number }>(
      sql`SELECT event FROM waiting_ends WHERE room = ${room} ORDER BY event`,
    );
    const found = await this.#parts.events.getMany(
      rows.map(({ event }) => event as EventNid),
      reader,
    );
    return [...found.values()];
  }

  async add(writer: Writer, { room, nid }: StoredEvent): Promise<void> {
    (await this.#known()).add(room);
    await writer.run(sql`INSERT INTO waiting_ends (room, event) VALUES (${room}, ${nid})`);
  }

  /** They are followed. */
  async remove(writer: Writer, room: RoomNid, followed: readonly StoredEvent[]): Promise<void> {
    for (const { nid } of followed)
      await writer.run(sql`DELETE FROM waiting_ends WHERE room = ${room} AND event = ${nid}`);
  }

  /** Makes those of a room its ends that nothing came to follow. Nobody else takes in events of the room meanwhile. */
  async settle(room: RoomNid): Promise<void> {
    const waiting = await this.of(room);
    if (waiting.length > 0) await this.#settle(room, waiting);
    (await this.#known()).delete(room);
  }

  async #settle(room: RoomNid, waiting: readonly StoredEvent[]): Promise<void> {
    const { heads, resolver, timeline, partialRooms, log } = this.#parts;
    const head = (await heads.find(room)) as RoomHead;
    const lacksMembers = await partialRooms.lackMembers(room, [...head.extremities, ...waiting]);
    let isTooCostly = false;
    try {
      // Not in the transaction, which all others would wait for; it is known there.
      await resolver.resolve(head, statesAfter([...head.extremities, ...waiting]), { lacksMembers });
    } catch (error) {
      if (!(error instanceof ResolutionBudgetError)) throw error;
      isTooCostly = true;
      log.warn({ room: head.roomId }, 'the state of a room with the events of a gap is too costly to find out');
    }
    await timeline.write(room, async (writer, now) => {
      const ends = new Map([...now.extremities, ...waiting].map((event) => [event.nid, event]));
      const told = waiting.at(-1)!.nid;
      if (!isTooCostly) await restateEnds(this.#parts, writer, now, told, [...ends.values()]);
      await this.remove(writer, room, waiting);
    });
  }

  #known(): Promise<Set<RoomNid>> {
    return (this.#rooms ??= this.#load());
  }

  async #load(): Promise<Set<RoomNid>> {
    try {
      const rows = await this.#parts.database.reader.all<{ room: number }>(sql`SELECT DISTINCT room FROM waiting_ends`);
      return new Set(rows.map(({ room }) => room as RoomNid));
    } catch (error) {
      this.#rooms = undefined;
      throw error;
    }
  }
}
