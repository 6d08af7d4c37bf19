import { sql, type Migration } from '@myelin/database';

export const sessionsMigrations: readonly Migration[] = [
  {
    id: 'sessions/0001',
    up: [
      // Tokens are kept as SHA-256 hashes only. Times in milliseconds; null: without end. `refresh_token`: the one that was
      // given together with it. `used`: it has been used. `last_validated`: its owner proved who they are.
      sql`CREATE TABLE access_tokens (
        nid BIGINT PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE,
        user_nid BIGINT NOT NULL,
        device BIGINT,
        valid_until BIGINT,
        refresh_token BIGINT,
        used INTEGER NOT NULL,
        last_validated BIGINT
      )`,
      sql`CREATE INDEX access_tokens_by_user ON access_tokens (user_nid)`,
      // `next_token`: what it was exchanged for, while that isn't known to have arrived.
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
