import { sql, type Database, type Reader, type Sql, type Writer } from '@myelin/database';

/** What decides which of two keys of a session is kept. */
export interface KeyMetadata {
  readonly firstMessageIndex: number;
  readonly forwardedCount: number;
  readonly isVerified: boolean;
}

export interface BackedUpKey extends KeyMetadata {
  readonly roomId: string;
  readonly sessionId: string;
  /** JSON text. */
  readonly sessionData: string;
}

interface KeyRow {
  room_id: string;
  session_id: string;
  first_message_index: number;
  forwarded_count: number;
  is_verified: number;
  session_data: string;
}

const columns = [
  'backup',
  'room_id',
  'session_id',
  'first_message_index',
  'forwarded_count',
  'is_verified',
  'session_data',
] as const;

/** The keys in backups. */
export class BackedUpKeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What is stored of some sessions of a room, by session. */
  async metadata(
    reader: Reader,
    backup: number,
    roomId: string,
    sessionIds: readonly string[],
  ): Promise<ReadonlyMap<string, KeyMetadata>> {
    const rows = await reader.all<Omit<KeyRow, 'room_id' | 'session_data'>>(
      sql`SELECT session_id, first_message_index, forwarded_count, is_verified FROM backed_up_keys
          WHERE backup = ${backup} AND room_id = ${roomId} AND ${sql.anyOf('session_id', sessionIds)}`,
    );
    return new Map(
      rows.map((row) => [
        row.session_id,
        {
          firstMessageIndex: row.first_message_index,
          forwardedCount: row.forwarded_count,
          isVerified: row.is_verified !== 0,
        },
      ]),
    );
  }

  async put(writer: Writer, backup: number, keys: readonly BackedUpKey[]): Promise<void> {
    await writer.insert(
      'backed_up_keys',
      columns,
      keys.map((key) => [
        backup,
        key.roomId,
        key.sessionId,
        key.firstMessageIndex,
        key.forwardedCount,
        key.isVerified ? 1 : 0,
        key.sessionData,
      ]),
      `(backup, room_id, session_id) DO UPDATE SET first_message_index = excluded.first_message_index,
        forwarded_count = excluded.forwarded_count, is_verified = excluded.is_verified, session_data = excluded.session_data`,
    );
  }

  async get(backup: number, roomId: string, sessionId: string): Promise<BackedUpKey | undefined> {
    const row = await this.#database.reader.get<KeyRow>(
      sql`SELECT * FROM backed_up_keys WHERE backup = ${backup} AND room_id = ${roomId} AND session_id = ${sessionId}`,
    );
    return row && fromRow(row);
  }

  /** The next keys of a room by session. */
  async ofRoom(backup: number, roomId: string, after: string, limit: number): Promise<BackedUpKey[]> {
    const rows = await this.#database.reader.all<KeyRow>(
      sql`SELECT * FROM backed_up_keys WHERE backup = ${backup} AND room_id = ${roomId} AND session_id > ${after} ORDER BY session_id LIMIT ${limit}`,
    );
    return rows.map(fromRow);
  }

  /** The next keys by room and session. */
  async after(backup: number, roomId: string, sessionId: string, limit: number): Promise<BackedUpKey[]> {
    const rows = await this.#database.reader.all<KeyRow>(
      sql`SELECT * FROM backed_up_keys WHERE backup = ${backup} AND (room_id, session_id) > (${roomId}, ${sessionId})
          ORDER BY room_id, session_id LIMIT ${limit}`,
    );
    return rows.map(fromRow);
  }

  /** Deletes the key of a session, or those of a room; resolves to how many there were. */
  async delete(writer: Writer, backup: number, roomId: string, sessionId: string | undefined): Promise<number> {
    if (sessionId === undefined)
      return writer.run(sql`DELETE FROM backed_up_keys WHERE backup = ${backup} AND room_id = ${roomId}`);
    return writer.run(
      sql`DELETE FROM backed_up_keys WHERE backup = ${backup} AND room_id = ${roomId} AND session_id = ${sessionId}`,
    );
  }

  /** Deletes some keys of deleted backups. Resolves to false when nothing remains. */
  /** Whether keys of deleted backups remain. */
  async hasRemains(reader: Reader): Promise<boolean> {
    return (await reader.get(sql`SELECT backup FROM key_backup_remains LIMIT 1`)) !== undefined;
  }

  async deleteRemains(writer: Writer, limit: number): Promise<boolean> {
    const next = await writer.get<{ backup: number }>(
      sql`SELECT backup FROM key_backup_remains ORDER BY backup LIMIT 1`,
    );
    if (!next) return false;
    const deleted = await writer.run(deleteSome(next.backup, limit));
    if (deleted < limit) await writer.run(sql`DELETE FROM key_backup_remains WHERE backup = ${next.backup}`);
    return true;
  }
}

function deleteSome(backup: number, limit: number): Sql {
  return sql`DELETE FROM backed_up_keys WHERE backup = ${backup} AND (room_id, session_id) IN (
    SELECT room_id, session_id FROM backed_up_keys WHERE backup = ${backup} ORDER BY room_id, session_id LIMIT ${limit})`;
}

function fromRow(row: KeyRow): BackedUpKey {
  return {
    roomId: row.room_id,
    sessionId: row.session_id,
    firstMessageIndex: row.first_message_index,
    forwardedCount: row.forwarded_count,
    isVerified: row.is_verified !== 0,
    sessionData: row.session_data,
  };
}
