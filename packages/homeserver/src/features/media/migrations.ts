import { sql, type Migration } from '@myelin/database';

export const mediaMigrations: readonly Migration[] = [
  {
    id: 'media/0001',
    up: [
      // `media_length` in bytes, NULL until the file of an announced id has come; `user_nid` NULL: made by the server
      // itself; `quarantined_by` NULL: shown. Times in milliseconds.
      sql`CREATE TABLE local_media (
        media_id TEXT NOT NULL PRIMARY KEY,
        user_nid BIGINT,
        created_ts BIGINT NOT NULL,
        media_type TEXT,
        media_length BIGINT,
        upload_name TEXT,
        sha256 BLOB,
        last_access_ts BIGINT,
        authenticated INTEGER NOT NULL,
        quarantined_by TEXT,
        safe_from_quarantine INTEGER NOT NULL DEFAULT 0
      )`,
      sql`CREATE INDEX local_media_by_user ON local_media (user_nid, created_ts)`,
      sql`CREATE INDEX local_media_awaited ON local_media (created_ts) WHERE media_length IS NULL`,
      sql`CREATE INDEX local_media_quarantined ON local_media (sha256) WHERE quarantined_by IS NOT NULL`,
    ],
  },
  {
    id: 'media/0002',
    up: [
      // Copies of other servers' files. `file_id`: what a copy is called here. Times in milliseconds.
      sql`CREATE TABLE remote_media (
        origin TEXT NOT NULL,
        media_id TEXT NOT NULL,
        file_id TEXT NOT NULL UNIQUE,
        media_type TEXT NOT NULL,
        media_length BIGINT NOT NULL,
        upload_name TEXT,
        sha256 BLOB NOT NULL,
        created_ts BIGINT NOT NULL,
        last_access_ts BIGINT NOT NULL,
        authenticated INTEGER NOT NULL,
        quarantined_by TEXT,
        PRIMARY KEY (origin, media_id)
      )`,
      sql`CREATE INDEX remote_media_by_access ON remote_media (last_access_ts) WHERE quarantined_by IS NULL`,
      sql`CREATE INDEX remote_media_quarantined ON remote_media (sha256) WHERE quarantined_by IS NOT NULL`,
    ],
  },
];
