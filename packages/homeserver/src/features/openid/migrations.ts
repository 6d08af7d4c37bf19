import { sql, type Migration } from '@myelin/database';

export const openIdMigrations: readonly Migration[] = [
  {
    id: 'openid/0001',
    up: [
      // Tokens are kept as SHA-256 hashes only. `valid_until` in milliseconds.
      sql`CREATE TABLE openid_tokens (token_hash BLOB PRIMARY KEY, nid BIGINT NOT NULL, user_nid BIGINT NOT NULL, valid_until BIGINT NOT NULL)`,
      sql`CREATE INDEX openid_tokens_by_user ON openid_tokens (user_nid, nid)`,
    ],
  },
];
