import { sql, type Migration } from '@myelin/database';

export const accountsMigrations: readonly Migration[] = [
  {
    id: 'accounts/0001',
    up: [
      sql`CREATE TABLE accounts (
        user_nid BIGINT PRIMARY KEY,
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
    ],
  },
];
