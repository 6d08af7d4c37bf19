import { sql, type Database } from '@myelin/database';
import { parseJson, type Pdu } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { CheckedPdu } from '../incoming-events/index.ts';

export interface LateEventsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Takes an event in; true: it has its place now, or never will have one. */
export type Attempt = (origin: string, roomId: string, pdu: Pdu) => Promise<boolean>;

interface Row {
  event_id: string;
  origin: string;
  room_id: string;
  json: string;
  tries: number;
}

/** When an event is tried again, in ms after the time before; then it is given up. */
const delaysMs = [30_000, 120_000, 600_000, 3_600_000, 6 * 3_600_000];
const lookMs = 30_000;
const mostAtOnce = 20;
/** Bounds of what waits: of a room, of a server, of all. */
const most = { ofRoom: 20, ofOrigin: 100, ofAll: 1_000 };

/**
 * Events that were pushed to this server and couldn't be placed, since others before them, or the keys to check them by,
 * couldn't be had. Mostly a later event of the room brings what was missing. The one by which the last user here is made to leave has none after it.
 */
export class LateEvents {
  readonly #parts: LateEventsParts;
  #attempt: Attempt = async () => true;
  #looking: Cancellable | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: LateEventsParts) {
    this.#parts = parts;
  }

  /** Begins to try those again that an earlier run has left. */
  start(attempt: Attempt): void {
    this.#attempt = attempt;
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#looking?.cancel();
    await this.#running;
  }

  /** Keeps an event for later, if there is room for it. */
  async keep(
    origin: string,
    roomId: string,
    { eventId, json, refusal }: Pick<CheckedPdu, 'eventId' | 'json' | 'refusal'>,
  ): Promise<void> {
    if (refusal !== undefined) return;
    const { database, clock } = this.#parts;
    await database.transact(async (writer) => {
      const counts = await writer.get<{ all_of_them: number; of_room: number; of_origin: number }>(
        sql`SELECT COUNT(*) AS all_of_them,
              COALESCE(SUM(CASE WHEN room_id = ${roomId} THEN 1 ELSE 0 END), 0) AS of_room,
              COALESCE(SUM(CASE WHEN origin = ${origin} THEN 1 ELSE 0 END), 0) AS of_origin FROM late_events`,
      );
      if (!counts || counts.all_of_them >= most.ofAll) return;
      if (counts.of_room >= most.ofRoom || counts.of_origin >= most.ofOrigin) return;
      await writer.insert(
        'late_events',
        ['event_id', 'room_id', 'origin', 'json', 'tries', 'next_at'],
        [[eventId, roomId, origin, json, 0, clock.now() + (delaysMs[0] as number)]],
        '(event_id, room_id) DO NOTHING',
      );
    });
    this.#look();
  }

  /** Tries those that are due, after all rounds before. */
  round(): Promise<void> {
    this.#running = this.#running
      .then(() => this.#tryDue())
      .catch((err: unknown) => this.#parts.log.warn({ err }, 'events that wait for others could not be looked at'));
    return this.#running;
  }

  async #tryDue(): Promise<void> {
    const { database, clock, log } = this.#parts;
    const rows = await database.reader.all<Row>(
      sql`SELECT event_id, origin, room_id, json, tries FROM late_events WHERE next_at <= ${clock.now()}
          ORDER BY next_at LIMIT ${mostAtOnce}`,
    );
    for (const row of rows) {
      let isDone = true;
      try {
        const parsed = parseJson(row.json);
        if (parsed.ok) isDone = await this.#attempt(row.origin, row.room_id, parsed.value as unknown as Pdu);
      } catch (err) {
        log.info({ room: row.room_id, event: row.event_id, err }, 'an event that came before could not be taken in');
      }
      await this.#note(row, isDone);
    }
    if (await database.reader.get(sql`SELECT 1 AS one FROM late_events LIMIT 1`)) this.#look();
  }

  async #note({ event_id: eventId, room_id: roomId, tries }: Row, isDone: boolean): Promise<void> {
    const { database, clock } = this.#parts;
    const delay = delaysMs[tries + 1];
    await database.transact(async (writer) => {
      const where = sql`event_id = ${eventId} AND room_id = ${roomId}`;
      if (isDone || delay === undefined) await writer.run(sql`DELETE FROM late_events WHERE ${where}`);
      else
        await writer.run(
          sql`UPDATE late_events SET tries = ${tries + 1}, next_at = ${clock.now() + delay} WHERE ${where}`,
        );
    });
  }

  /** Looks after a while, and again as long as something waits. */
  #look(): void {
    if (this.#isStopped) return;
    this.#looking ??= this.#parts.timers.after(lookMs, () => {
      this.#looking = undefined;
      void this.round();
    });
  }
}
