import { sql, type Database, type Writer } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import type { DeviceNid, EventNid } from '../names/index.ts';

/** How long a transaction id is remembered, in milliseconds. */
export const transactionLifetime = 24 * 3_600_000;

/** Which event a device's transaction id made. Client-Server API §"Transaction identifiers". */
export class Transactions {
  readonly #database: Database;
  readonly #clock: Clock;
  /** `device: 0`: the event has none. */
  readonly #ids = boundedCache<EventNid, { device: DeviceNid | 0; id: string }>(20_000);

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** The event that the device sent to this room with this id. */
  async find(writer: Writer, device: DeviceNid, scope: string, id: string): Promise<EventNid | undefined> {
    const row = await writer.get<{ event: number }>(
      sql`SELECT event FROM event_transactions WHERE device = ${device} AND scope = ${scope} AND transaction_id = ${id}`,
    );
    return row?.event as EventNid | undefined;
  }

  async add(writer: Writer, device: DeviceNid, scope: string, id: string, event: EventNid): Promise<void> {
    await writer.run(sql`INSERT INTO event_transactions (device, scope, transaction_id, event, sent_at)
      VALUES (${device}, ${scope}, ${id}, ${event}, ${this.#clock.now()})`);
    this.#ids.set(event, { device, id });
  }

  /** The transaction id with which the device sent an event, if it did so lately. */
  async idOf(event: EventNid, device: DeviceNid): Promise<string | undefined> {
    const cached = this.#ids.get(event);
    if (cached) return cached.device === device ? cached.id : undefined;
    const row = await this.#database.reader.get<{ device: number; transaction_id: string }>(
      sql`SELECT device, transaction_id FROM event_transactions WHERE event = ${event}`,
    );
    this.#ids.set(event, row ? { device: row.device as DeviceNid, id: row.transaction_id } : { device: 0, id: '' });
    return row?.device === device ? row.transaction_id : undefined;
  }

  /** Forgets what is older than a day. */
  async prune(): Promise<void> {
    const before = this.#clock.now() - transactionLifetime;
    await this.#database.transact(async (writer) => {
      await writer.run(sql`DELETE FROM event_transactions WHERE sent_at < ${before}`);
    });
  }
}
