import { sql, type Migration } from '@myelin/database';

export const destinationsMigrations: readonly Migration[] = [
  {
    id: 'destinations/0001',
    up: [
      // Servers that fail. Times and interval in ms: since when, the last try, and how long to wait after it.
      sql`CREATE TABLE destinations (
        destination TEXT NOT NULL PRIMARY KEY,
        failing_since BIGINT NOT NULL,
        last_try BIGINT NOT NULL,
        retry_interval BIGINT NOT NULL
      )`,
    ],
  },
];
