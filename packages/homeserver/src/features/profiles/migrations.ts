import { sql, type Migration } from '@myelin/database';

export const profilesMigrations: readonly Migration[] = [
  {
    id: 'profiles/0001',
    up: [
      // `value` is JSON text.
      sql`CREATE TABLE profile_fields (user_nid BIGINT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (user_nid, field))`,
    ],
  },
];
