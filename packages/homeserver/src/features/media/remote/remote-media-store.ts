import { sql, type Database, type Writer } from '@myelin/database';
import type { MediaContent, ReceivedContent } from '../media-store.ts';

/** A copy of a file of another server. */
export interface RemoteFile {
  readonly origin: string;
  readonly mediaId: string;
  /** What it is called here. */
  readonly fileId: string;
  readonly content: MediaContent;
  /** Fetched while `enable_authenticated_media` was on. */
  readonly authenticated: boolean;
  readonly quarantined: boolean;
}

interface Row {
  origin: string;
  media_id: string;
  file_id: string;
  media_type: string;
  media_length: number;
  upload_name: string | null;
  authenticated: number;
  quarantined_by: string | null;
}

/** Rows of `remote_media`. */
export class RemoteMediaStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(origin: string, mediaId: string): Promise<RemoteFile | undefined> {
    const row = await this.#database.reader.get<Row>(
      sql`SELECT * FROM remote_media WHERE origin = ${origin} AND media_id = ${mediaId}`,
    );
    return row && fromRow(row);
  }

  /** Resolves to false if there is one already. What has the hash of something quarantined is quarantined as well. */
  async add(
    writer: Writer,
    file: { origin: string; mediaId: string; fileId: string; authenticated: boolean; content: ReceivedContent },
    now: number,
  ): Promise<boolean> {
    const { origin, mediaId, fileId, authenticated, content } = file;
    const { type, length, name, sha256 } = content;
    const added = await writer.run(sql`INSERT INTO remote_media
      (origin, media_id, file_id, media_type, media_length, upload_name, sha256, created_ts, last_access_ts, authenticated, quarantined_by)
      VALUES (${origin}, ${mediaId}, ${fileId}, ${type}, ${length}, ${name ?? null}, ${sha256}, ${now}, ${now},
        ${authenticated ? 1 : 0}, ${(await this.#isQuarantined(writer, sha256)) ? 'system' : null})
      ON CONFLICT (origin, media_id) DO NOTHING`);
    return added === 1;
  }

  async remove(writer: Writer, { origin, mediaId, fileId }: RemoteFile): Promise<void> {
    await writer.run(
      sql`DELETE FROM remote_media WHERE origin = ${origin} AND media_id = ${mediaId} AND file_id = ${fileId}`,
    );
  }

  noteAccess(fileIds: readonly string[], now: number): Promise<number> {
    return this.#database.transact((writer) =>
      writer.run(sql`UPDATE remote_media SET last_access_ts = ${now} WHERE ${sql.anyOf('file_id', fileIds)}`),
    );
  }

  /** Copies that nobody has read since `before`, the oldest first; those that are quarantined stay. */
  async unreadSince(before: number, limit: number): Promise<RemoteFile[]> {
    const rows = await this.#database.reader.all<Row>(sql`SELECT * FROM remote_media
      WHERE last_access_ts < ${before} AND quarantined_by IS NULL ORDER BY last_access_ts, file_id LIMIT ${limit}`);
    return rows.map(fromRow);
  }

  async #isQuarantined(writer: Writer, sha256: Uint8Array): Promise<boolean> {
    const row = await writer.get(
      sql`SELECT 1 AS found FROM local_media WHERE sha256 = ${sha256} AND quarantined_by IS NOT NULL
        UNION ALL SELECT 1 AS found FROM remote_media WHERE sha256 = ${sha256} AND quarantined_by IS NOT NULL LIMIT 1`,
    );
    return row !== undefined;
  }
}

function fromRow(row: Row): RemoteFile {
  return {
    origin: row.origin,
    mediaId: row.media_id,
    fileId: row.file_id,
    content: { type: row.media_type, length: row.media_length, name: row.upload_name ?? undefined },
    authenticated: row.authenticated === 1,
    quarantined: row.quarantined_by !== null,
  };
}
