import { sql, type Migration } from '@myelin/database';

export const accountsMigrations: readonly Migration[] = [
  {
    id: 'accounts/0001',
    up: [
      // `folded_id`: the user id in lower case. Only accounts from before that rule differ from it, and in nothing but case.
      sql`CREATE TABLE accounts (
        user_nid BIGINT PRIMARY KEY,
        folded_id TEXT NOT NULL,
        password_hash TEXT,
        created_at BIGINT NOT NULL,
        is_guest INTEGER NOT NULL,
        is_admin INTEGER NOT NULL,
        deactivated INTEGER NOT NULL DEFAULT 0,
        locked INTEGER NOT NULL DEFAULT 0,
        suspended INTEGER NOT NULL DEFAULT 0,
        shadow_banned INTEGER NOT NULL DEFAULT 0,
        erased INTEGER NOT NULL DEFAULT 0,
        user_type TEXT,
        consent_version TEXT
      )`,
      sql`CREATE INDEX accounts_by_folded_id ON accounts (folded_id)`,
      // What is still to be done for a user after the answer went out. `revision`: of the last wish for it.
      sql`CREATE TABLE user_jobs (kind TEXT NOT NULL, user_nid BIGINT NOT NULL, revision BIGINT NOT NULL, PRIMARY KEY (kind, user_nid))`,
    ],
  },
];
