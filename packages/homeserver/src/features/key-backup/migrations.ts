import { sql, type Migration } from '@myelin/database';

export const keyBackupMigrations: readonly Migration[] = [
  {
    id: 'key-backup/0001',
    up: [
      // `version` counts from 1 for each user and isn't used again: a deleted backup keeps its row. `etag` grows with each
      // change of the keys, `keys` is how many there are. `auth_data`: JSON.
      sql`CREATE TABLE key_backups (
        nid BIGINT PRIMARY KEY,
        user_nid BIGINT NOT NULL,
        version BIGINT NOT NULL,
        algorithm TEXT NOT NULL,
        auth_data TEXT NOT NULL,
        etag BIGINT NOT NULL,
        keys BIGINT NOT NULL,
        deleted INTEGER NOT NULL,
        UNIQUE (user_nid, version)
      )`,
      // `session_data`: JSON.
      sql`CREATE TABLE backed_up_keys (
        backup BIGINT NOT NULL,
        room_id TEXT NOT NULL,
        session_id TEXT NOT NULL,
        first_message_index BIGINT NOT NULL,
        forwarded_count BIGINT NOT NULL,
        is_verified INTEGER NOT NULL,
        session_data TEXT NOT NULL,
        PRIMARY KEY (backup, room_id, session_id)
      ) WITHOUT ROWID`,
      // Backups whose keys are still to be deleted, a few at a time.
      sql`CREATE TABLE key_backup_remains (backup BIGINT PRIMARY KEY)`,
    ],
  },
];
