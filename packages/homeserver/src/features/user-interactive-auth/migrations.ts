import { sql, type Migration } from '@myelin/database';

export const userInteractiveAuthMigrations: readonly Migration[] = [
  {
    id: 'user-interactive-auth/0001',
    up: [
      // The session's secret is kept as its SHA-256 hash only. `operation`: what the session is for; `binding`: a MAC, keyed
      // by the secret, of the parameters that may not change. `results`: by stage, in the order of completion, and `data`:
      // what the operation keeps meanwhile; both JSON. `created_at` in milliseconds.
      sql`CREATE TABLE auth_sessions (
        session BLOB PRIMARY KEY,
        nid BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        operation TEXT NOT NULL,
        binding BLOB NOT NULL,
        user_nid BIGINT,
        results TEXT NOT NULL,
        data TEXT NOT NULL
      )`,
      sql`CREATE UNIQUE INDEX auth_sessions_by_nid ON auth_sessions (nid)`,
      sql`CREATE INDEX auth_sessions_by_user ON auth_sessions (user_nid)`,
    ],
  },
];
