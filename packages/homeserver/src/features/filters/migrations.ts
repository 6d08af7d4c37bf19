import { sql, type Migration } from '@myelin/database';

export const filtersMigrations: readonly Migration[] = [
  {
    id: 'filters/0001',
    up: [
      // `filter` is JSON text as the client sent it.
      sql`CREATE TABLE user_filters (user_nid BIGINT NOT NULL, filter_id BIGINT NOT NULL, filter TEXT NOT NULL, PRIMARY KEY (user_nid, filter_id))`,
    ],
  },
];
