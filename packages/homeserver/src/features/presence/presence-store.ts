import { sql, type Database } from '@myelin/database';
import type { UserNid } from '../names/index.ts';
import type { PresenceState } from './presence-record.ts';

export interface PresenceRow {
  readonly user: UserNid;
  readonly state: PresenceState;
  readonly statusMsg: string | undefined;
  readonly lastActive: number | undefined;
}

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

  async notOffline(): Promise<PresenceRow[]> {
    const rows = await this.#database.reader.all<Row>(
      sql`SELECT * FROM presence WHERE state <> 'offline' LIMIT ${mostRestored}`,
    );
    return rows.map(fromRow);
  }

  async put(rows: readonly PresenceRow[]): Promise<void> {
    await this.#database.transact((writer) =>
      writer.insert(
        'presence',
        ['user_nid', 'state', 'status_msg', 'last_active_at'],
        rows.map(({ user, state, statusMsg, lastActive }) => [user, state, statusMsg ?? null, lastActive ?? null]),
        '(user_nid) DO UPDATE SET state = excluded.state, status_msg = excluded.status_msg, last_active_at = excluded.last_active_at',
      ),
    );
  }
}

interface Row {
  user_nid: number;
  state: string;
  status_msg: string | null;
  last_active_at: number | null;
}

function fromRow(row: Row): PresenceRow {
  return {
    user: row.user_nid as UserNid,
    state: row.state as PresenceState,
    statusMsg: row.status_msg ?? undefined,
    lastActive: row.last_active_at ?? undefined,
  };
}
