import { sql, type Migration } from '@myelin/database';

export const streamsMigrations: readonly Migration[] = [
  // `next`: no number below it may be given out again.
  { id: 'streams/0001', up: [sql`CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, next BIGINT NOT NULL)`] },
];
