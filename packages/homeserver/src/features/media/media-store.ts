import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

/** A file of this server, or an id that waits for one. */
export interface LocalMedia {
  readonly mediaId: string;
  readonly user: UserNid | undefined;
  /** When it was uploaded or its id announced, in ms. */
  readonly createdTs: number;
  /** Undefined: nothing was uploaded yet. */
  readonly content: MediaContent | undefined;
  /** Uploaded while `enable_authenticated_media` was on. */
  readonly authenticated: boolean;
  readonly quarantined: boolean;
}

export interface MediaContent {
  readonly type: string;
  /** Bytes. */
  readonly length: number;
  readonly name: string | undefined;
}

/** What an upload came to. */
export interface ReceivedContent extends MediaContent {
  readonly sha256: Uint8Array;
}

interface Row {
  media_id: string;
  user_nid: number | null;
  created_ts: number;
  media_type: string | null;
  media_length: number | null;
  upload_name: string | null;
  authenticated: number;
  quarantined_by: string | null;
}

/** Rows of `local_media`. */
export class MediaStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(mediaId: string, reader: Reader = this.#database.reader): Promise<LocalMedia | undefined> {
    const row = await reader.get<Row>(sql`SELECT media_id, user_nid, created_ts, media_type, media_length, upload_name,
      authenticated, quarantined_by FROM local_media WHERE media_id = ${mediaId}`);
    return row && fromRow(row);
  }

  /** A new id: with its content, or waiting for it. */
  async add(
    writer: Writer,
    media: {
      mediaId: string;
      user: UserNid;
      now: number;
      authenticated: boolean;
      content: ReceivedContent | undefined;
    },
  ): Promise<void> {
    const { mediaId, user, now, authenticated, content } = media;
    const quarantinedBy = content ? await this.#quarantineOf(writer, content.sha256) : null;
    await writer.run(sql`INSERT INTO local_media
      (media_id, user_nid, created_ts, media_type, media_length, upload_name, sha256, authenticated, quarantined_by)
      VALUES (${mediaId}, ${user}, ${now}, ${content?.type ?? null}, ${content?.length ?? null}, ${content?.name ?? null},
        ${content?.sha256 ?? null}, ${authenticated ? 1 : 0}, ${quarantinedBy})`);
  }

  /** Gives a waiting id its content; false if there is no such id or it has content already. */
  async fill(writer: Writer, mediaId: string, content: ReceivedContent): Promise<boolean> {
    const quarantinedBy = await this.#quarantineOf(writer, content.sha256);
    const changed =
      await writer.run(sql`UPDATE local_media SET media_type = ${content.type}, media_length = ${content.length},
      upload_name = ${content.name ?? null}, sha256 = ${content.sha256}, quarantined_by = ${quarantinedBy}
      WHERE media_id = ${mediaId} AND media_length IS NULL`);
    return changed === 1;
  }

  /** How many ids of the user wait for content that were announced after `since`, and when the first of them was. */
  async awaited(writer: Writer, user: UserNid, since: number): Promise<{ count: number; first: number | null }> {
    const row = await writer.get<{
      count: number;
      first: number | null;
    }>(sql`SELECT COUNT(*) AS count, MIN(created_ts) AS first
      FROM local_media WHERE user_nid = ${user} AND created_ts > ${since} AND media_length IS NULL`);
    return row as { count: number; first: number | null };
  }

  /** Bytes that the user has uploaded since then. */
  async uploadedSince(reader: Reader, user: UserNid, since: number): Promise<number> {
    const row = await reader.get<{ bytes: number }>(sql`SELECT CAST(COALESCE(SUM(media_length), 0) AS BIGINT) AS bytes
      FROM local_media WHERE user_nid = ${user} AND created_ts > ${since}`);
    return row?.bytes ?? 0;
  }

  /** Forgets ids that were announced before `before` and never got content, at most `limit`; resolves to their number. */
  removeAwaited(before: number, limit: number): Promise<number> {
    return this.#database.transact((writer) =>
      writer.run(sql`DELETE FROM local_media WHERE media_id IN
        (SELECT media_id FROM local_media WHERE media_length IS NULL AND created_ts < ${before} LIMIT ${limit})`),
    );
  }

  noteAccess(mediaIds: readonly string[], now: number): Promise<number> {
    return this.#database.transact((writer) =>
      writer.run(sql`UPDATE local_media SET last_access_ts = ${now} WHERE ${sql.anyOf('media_id', mediaIds)}`),
    );
  }

  /** Files that nobody has read since `before`; those that are quarantined, or protected from it, stay. */
  async unreadSince(before: number, limit: number): Promise<string[]> {
    const rows = await this.#database.reader.all<{ media_id: string }>(sql`SELECT media_id FROM local_media
      WHERE COALESCE(last_access_ts, created_ts) < ${before} AND media_length IS NOT NULL
        AND quarantined_by IS NULL AND safe_from_quarantine = 0 LIMIT ${limit}`);
    return rows.map((row) => row.media_id);
  }

  async remove(writer: Writer, mediaIds: readonly string[]): Promise<void> {
    await writer.run(sql`DELETE FROM local_media WHERE ${sql.anyOf('media_id', mediaIds)}`);
  }

  /** As Synapse: what has the hash of something quarantined is quarantined from the beginning. */
  async #quarantineOf(writer: Writer, sha256: Uint8Array): Promise<string | null> {
    const row = await writer.get(
      sql`SELECT 1 AS found FROM local_media WHERE sha256 = ${sha256} AND quarantined_by IS NOT NULL
        UNION ALL SELECT 1 AS found FROM remote_media WHERE sha256 = ${sha256} AND quarantined_by IS NOT NULL LIMIT 1`,
    );
    return row ? 'system' : null;
  }
}

function fromRow(row: Row): LocalMedia {
  const { media_length: length, media_type: type } = row;
  return {
    mediaId: row.media_id,
    user: (row.user_nid ?? undefined) as UserNid | undefined,
    createdTs: row.created_ts,
    content:
      length === null
        ? undefined
        : { type: type ?? 'application/octet-stream', length, name: row.upload_name ?? undefined },
    authenticated: row.authenticated === 1,
    quarantined: row.quarantined_by !== null,
  };
}
