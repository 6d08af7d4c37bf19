import { sql, type Migration } from '@myelin/database';

export const serverKeysMigrations: readonly Migration[] = [
  {
    id: 'server-keys/0001',
    up: [
      // Keys of other servers; times in ms (see KnownKey).
      sql`CREATE TABLE server_keys (
        server_name TEXT NOT NULL,
        key_id TEXT NOT NULL,
        public_key TEXT NOT NULL,
        valid_until BIGINT NOT NULL,
        is_old INTEGER NOT NULL,
        answered_until BIGINT NOT NULL,
        PRIMARY KEY (server_name, key_id)
      )`,
      // The newest answer of a server that showed a key as one that it signs with: what a notary passes on.
      sql`CREATE TABLE server_key_answers (
        server_name TEXT NOT NULL,
        key_id TEXT NOT NULL,
        valid_until BIGINT NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (server_name, key_id)
      )`,
    ],
  },
];
