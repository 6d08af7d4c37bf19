import { sql, type Database, type Writer } from '@myelin/database';
import type { Counter, Counters } from '../counters/index.ts';
import type { RenderedItem, StoredEdu } from './item.ts';

interface EduRow {
  id: number;
  edu_type: string;
  edu: string;
}

/** EDUs that may wait for one server. */
const mostWaiting = 50_000;
/** EDUs that nobody could take for so long are dropped, in ms: 30 days. */
const longestWaitMs = 30 * 86_400_000;
/** Refusals that are remembered. */
const mostSetAside = 10_000;

/** The EDUs that must arrive once, and what servers refused to take. */
export class EduStore {
  readonly #database: Database;
  readonly #counter: Counter;

  private constructor(database: Database, counter: Counter) {
    this.#database = database;
    this.#counter = counter;
  }

  static async open(database: Database, counters: Counters): Promise<EduStore> {
    return new EduStore(database, await counters.open('outbound_edus'));
  }

  /** `at` in ms. */
  async add(writer: Writer, destinations: readonly string[], type: string, text: string, at: number): Promise<void> {
    await writer.insert(
      'outbound_edus',
      ['destination', 'id', 'edu_type', 'edu', 'at'],
      destinations.map((destination) => [destination, this.#counter.take(), type, text, at]),
    );
  }

  /** Servers for which some wait. */
  async destinations(): Promise<string[]> {
    const rows = await this.#database.reader.all<{ destination: string }>(
      sql`SELECT DISTINCT destination FROM outbound_edus`,
    );
    return rows.map(({ destination }) => destination);
  }

  async oldest(destination: string, limit: number): Promise<StoredEdu[]> {
    const rows = await this.#database.reader.all<EduRow>(
      sql`SELECT id, edu_type, edu FROM outbound_edus WHERE destination = ${destination} ORDER BY id LIMIT ${limit}`,
    );
    return rows.map(stored);
  }

  /** Those of the oldest transaction that may have arrived: they go out again as that transaction, or not at all. */
  async sentInVain(destination: string): Promise<{ txn: string; edus: StoredEdu[] } | undefined> {
    const first = await this.#database.reader.get<{ txn: string }>(
      sql`SELECT txn FROM outbound_edus WHERE destination = ${destination} AND txn IS NOT NULL ORDER BY id LIMIT 1`,
    );
    if (!first) return undefined;
    const rows = await this.#database.reader.all<EduRow>(
      sql`SELECT id, edu_type, edu FROM outbound_edus WHERE destination = ${destination} AND txn = ${first.txn} ORDER BY id`,
    );
    return { txn: first.txn, edus: rows.map(stored) };
  }

  /** Notes the transaction in which EDUs are about to be sent. */
  async mark(destination: string, ids: readonly number[], txn: string): Promise<void> {
    await this.#database.transact(async (writer) => {
      await writer.run(
        sql`UPDATE outbound_edus SET txn = ${txn} WHERE destination = ${destination} AND ${sql.anyOf('id', ids)}`,
      );
    });
  }

  /** They have arrived. */
  async delete(destination: string, ids: readonly number[]): Promise<void> {
    await this.#database.transact((writer) => this.#delete(writer, destination, ids));
  }

  /** Notes that a server doesn't take something, and doesn't keep it any longer for it. */
  async setAside(
    destination: string,
    item: RenderedItem,
    refusal: { readonly status: number; readonly code: string | undefined },
    at: number,
  ): Promise<void> {
    const id = this.#counter.take();
    await this.#database.transact(async (writer) => {
      await writer.run(sql`INSERT INTO outbound_set_aside (id, destination, item, status, code, at)
        VALUES (${id}, ${destination}, ${item.name}, ${refusal.status}, ${refusal.code?.slice(0, 255) ?? null}, ${at})`);
      await writer.run(sql`DELETE FROM outbound_set_aside WHERE id <= (
        SELECT id FROM outbound_set_aside ORDER BY id DESC LIMIT 1 OFFSET ${mostSetAside})`);
      if (item.storedId !== undefined) await this.#delete(writer, destination, [item.storedId]);
    });
  }

  /** What servers refused, newest first, for the administrator. */
  async refused(limit: number): Promise<{ destination: string; item: string; status: number; at: number }[]> {
    return this.#database.reader.all(
      sql`SELECT destination, item, status, at FROM outbound_set_aside ORDER BY id DESC LIMIT ${limit}`,
    );
  }

  /** Drops what waits for servers that have been away for too long: too old, or too much. */
  async trim(now: number, most: number = mostWaiting): Promise<void> {
    await this.#database.transact(async (writer) => {
      await writer.run(sql`DELETE FROM outbound_edus WHERE at < ${now - longestWaitMs}`);
    });
    const full = await this.#database.reader.all<{ destination: string }>(
      sql`SELECT destination FROM outbound_edus GROUP BY destination HAVING COUNT(*) > ${most}`,
    );
    for (const { destination } of full) {
      await this.#database.transact(async (writer) => {
        await writer.run(sql`DELETE FROM outbound_edus WHERE destination = ${destination} AND id <= (
          SELECT id FROM outbound_edus WHERE destination = ${destination} ORDER BY id DESC LIMIT 1 OFFSET ${most})`);
      });
    }
  }

  async #delete(writer: Writer, destination: string, ids: readonly number[]): Promise<void> {
    await writer.run(sql`DELETE FROM outbound_edus WHERE destination = ${destination} AND ${sql.anyOf('id', ids)}`);
  }
}

function stored({ id, edu_type: type, edu: text }: EduRow): StoredEdu {
  return { id, type, text };
}
