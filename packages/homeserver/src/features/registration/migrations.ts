import { sql, type Migration } from '@myelin/database';

export const registrationMigrations: readonly Migration[] = [
  {
    id: 'registration/0001',
    up: [
      // `uses_allowed` null: any number. `expiry_time` in milliseconds; null: never.
      sql`CREATE TABLE registration_tokens (
        token TEXT PRIMARY KEY,
        uses_allowed BIGINT,
        completed BIGINT NOT NULL,
        expiry_time BIGINT
      )`,
      // Uses that somebody is about to make: one row for each session of authentication that has shown a token.
      sql`CREATE TABLE registration_token_holds (session BLOB PRIMARY KEY, token TEXT NOT NULL)`,
      sql`CREATE INDEX registration_token_holds_by_token ON registration_token_holds (token)`,
    ],
  },
];
