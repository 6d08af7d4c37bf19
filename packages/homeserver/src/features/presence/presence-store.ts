import { sql, type Database } from '@myelin/database';
import type { UserNid } from '../names/index.ts';
import type { PresenceRow, PresenceState } from './presence-record.ts';

/** Users who were there when the server stopped that are brought back at most. */
const mostRestored = 50_000;

/** What is remembered of presence over a restart. */
export class PresenceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(user: UserNid): Promise<PresenceRow | undefined> {
    const row = await this.#database.reader.get<Row>(sql`SELECT * FROM presence WHERE user_nid = ${user}`);
    return row && fromRow(row);
  }

  /** Users of this server come first. */
  async notOffline(): Promise<PresenceRow[]> {
    const rows = await this.#database.reader.all<Row>(
      sql`SELECT * FROM presence WHERE state <> 'offline'
          ORDER BY CASE WHEN told_at IS NULL THEN 0 ELSE 1 END LIMIT ${mostRestored}`,
    );
    return rows.map(fromRow);
  }

  async put(rows: readonly PresenceRow[]): Promise<void> {
    await this.#database.transact((writer) =>
      writer.insert(
        'presence',
        ['user_nid', 'state', 'status_msg', 'last_active_at', 'told_at', 'currently_active'],
        rows.map(({ user, state, statusMsg, lastActive, told }) => [
          user,
          state,
          statusMsg ?? null,
          lastActive ?? null,
          told?.at ?? null,
          told?.currentlyActive ? 1 : 0,
        ]),
        `(user_nid) DO UPDATE SET state = excluded.state, status_msg = excluded.status_msg,
         last_active_at = excluded.last_active_at, told_at = excluded.told_at, currently_active = excluded.currently_active`,
      ),
    );
  }
}

interface Row {
  user_nid: number;
  state: string;
  status_msg: string | null;
  last_active_at: number | null;
  told_at: number | null;
  currently_active: number;
}

function fromRow(row: Row): PresenceRow {
  return {
    user: row.user_nid as UserNid,
    state: row.state as PresenceState,
    statusMsg: row.status_msg ?? undefined,
    lastActive: row.last_active_at ?? undefined,
    ...(row.told_at === null ? {} : { told: { at: row.told_at, currentlyActive: row.currently_active !== 0 } }),
  };
}
