import { sql, type Database } from '@myelin/database';
import type { EventNid, TypeNid } from '../names/index.ts';

/** All stored events in the order of their numbers, which is nearly that in which they came. For what follows all rooms. */
export class EventFeed {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The numbers and types of at most so many events with greater numbers than `after`, in order. */
  async after(after: number, limit: number): Promise<readonly { readonly nid: EventNid; readonly type: TypeNid }[]> {
    const rows = await this.#database.reader.all<{ nid: number; type: number }>(
      sql`SELECT nid, type FROM events WHERE nid > ${after} ORDER BY nid LIMIT ${limit}`,
    );
    return rows.map((row) => ({ nid: row.nid as EventNid, type: row.type as TypeNid }));
  }
}
