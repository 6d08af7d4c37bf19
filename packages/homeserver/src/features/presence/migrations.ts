import { sql, type Migration } from '@myelin/database';

export const presenceMigrations: readonly Migration[] = [
  {
    id: 'presence/0001',
    up: [
      // What is remembered over a restart. `last_active_at`: milliseconds since 1970; NULL: never seen.
      sql`CREATE TABLE presence (user_nid BIGINT PRIMARY KEY, state TEXT NOT NULL, status_msg TEXT, last_active_at BIGINT)`,
      sql`CREATE INDEX presence_of_those_here ON presence (user_nid) WHERE state <> 'offline'`,
    ],
  },
  {
    id: 'presence/0002',
    up: [
      // Of users of other servers: when their server said so last, in milliseconds since 1970; NULL: a user of this one.
      sql`ALTER TABLE presence ADD COLUMN told_at BIGINT`,
      sql`ALTER TABLE presence ADD COLUMN currently_active INTEGER NOT NULL DEFAULT 0`,
    ],
  },
];
