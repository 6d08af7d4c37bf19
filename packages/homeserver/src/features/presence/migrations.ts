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
];
