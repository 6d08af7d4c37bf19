import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

export interface Backup {
  readonly nid: number;
  readonly version: number;
  readonly algorithm: string;
  /** JSON text. */
  readonly authData: string;
  readonly etag: number;
  readonly keys: number;
}

interface BackupRow {
  nid: number;
  version: number;
  algorithm: string;
  auth_data: string;
  etag: number;
  keys: number;
}

/** The versions of users' backups. */
export class BackupStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(user: UserNid, version: number, reader: Reader = this.#database.reader): Promise<Backup | undefined> {
    const row = await reader.get<BackupRow>(
      sql`SELECT nid, version, algorithm, auth_data, etag, keys FROM key_backups WHERE user_nid = ${user} AND version = ${version} AND deleted = 0`,
    );
    return row && fromRow(row);
  }

  /** The newest one. */
  async current(user: UserNid, reader: Reader = this.#database.reader): Promise<Backup | undefined> {
    const row = await reader.get<BackupRow>(
      sql`SELECT nid, version, algorithm, auth_data, etag, keys FROM key_backups WHERE user_nid = ${user} AND deleted = 0 ORDER BY version DESC LIMIT 1`,
    );
    return row && fromRow(row);
  }

  async all(user: UserNid, reader: Reader): Promise<Backup[]> {
    const rows = await reader.all<BackupRow>(
      sql`SELECT nid, version, algorithm, auth_data, etag, keys FROM key_backups WHERE user_nid = ${user} AND deleted = 0`,
    );
    return rows.map(fromRow);
  }

  /** The number of the newest version that there ever was, and how many are left. */
  async versions(user: UserNid, reader: Reader): Promise<{ newest: number; left: number }> {
    const row = await reader.get<{ newest: number | null; deleted: number | null; versions: number }>(
      sql`SELECT MAX(version) AS newest, CAST(SUM(deleted) AS BIGINT) AS deleted, COUNT(*) AS versions FROM key_backups WHERE user_nid = ${user}`,
    );
    return { newest: row?.newest ?? 0, left: (row?.versions ?? 0) - (row?.deleted ?? 0) };
  }

  async create(
    writer: Writer,
    user: UserNid,
    { nid, version, algorithm, authData }: Omit<Backup, 'etag' | 'keys'>,
  ): Promise<void> {
    // Of deleted ones only the newest is needed, to count on from.
    await writer.run(sql`DELETE FROM key_backups WHERE user_nid = ${user} AND deleted = 1`);
    await writer.run(sql`INSERT INTO key_backups (nid, user_nid, version, algorithm, auth_data, etag, keys, deleted)
      VALUES (${nid}, ${user}, ${version}, ${algorithm}, ${authData}, 0, 0, 0)`);
  }

  async setAuthData(writer: Writer, nid: number, authData: string): Promise<void> {
    await writer.run(sql`UPDATE key_backups SET auth_data = ${authData} WHERE nid = ${nid}`);
  }

  /** Notes that the keys of a backup changed; resolves to how it stands. */
  async keysChanged(writer: Writer, backup: Backup, added: number): Promise<Backup> {
    const changed = { ...backup, etag: backup.etag + 1, keys: backup.keys + added };
    await writer.run(
      sql`UPDATE key_backups SET etag = ${changed.etag}, keys = ${changed.keys} WHERE nid = ${backup.nid}`,
    );
    return changed;
  }

  /** Takes all keys out of a backup, which goes on under another number; the old ones remain to be deleted. */
  async empty(writer: Writer, backup: Backup, nid: number): Promise<Backup> {
    const changed = { ...backup, nid, etag: backup.etag + 1, keys: 0 };
    await writer.run(
      sql`UPDATE key_backups SET nid = ${nid}, etag = ${changed.etag}, keys = 0 WHERE nid = ${backup.nid}`,
    );
    await writer.run(sql`INSERT INTO key_backup_remains (backup) VALUES (${backup.nid})`);
    return changed;
  }

  /** Takes a backup away; its keys remain to be deleted. */
  async delete(writer: Writer, nid: number): Promise<void> {
    await writer.run(sql`UPDATE key_backups SET deleted = 1, auth_data = '{}', keys = 0 WHERE nid = ${nid}`);
    await writer.run(sql`INSERT INTO key_backup_remains (backup) VALUES (${nid})`);
  }
}

function fromRow(row: BackupRow): Backup {
  return {
    nid: row.nid,
    version: row.version,
    algorithm: row.algorithm,
    authData: row.auth_data,
    etag: row.etag,
    keys: row.keys,
  };
}
