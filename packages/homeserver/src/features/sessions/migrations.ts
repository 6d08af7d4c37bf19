import { sql, type Migration } from '@myelin/database';

export const sessionsMigrations: readonly Migration[] = [
  {
    id: 'sessions/0001',
    up: [
      // Tokens are kept as SHA-256 hashes only. Times in milliseconds; null: without end.
      sql`CREATE TABLE access_tokens (
        nid BIGINT PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE,
        user_nid BIGINT NOT NULL,
        device BIGINT,
        valid_until BIGINT,
        refresh_token BIGINT
      )`,
      sql`CREATE INDEX access_tokens_by_user ON access_tokens (user_nid)`,
      sql`CREATE TABLE refresh_tokens (
        nid BIGINT PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE,
        user_nid BIGINT NOT NULL,
        device BIGINT NOT NULL,
        valid_until BIGINT,
        session_valid_until BIGINT,
        next_token BIGINT
      )`,
      sql`CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_nid)`,
    ],
  },
];
