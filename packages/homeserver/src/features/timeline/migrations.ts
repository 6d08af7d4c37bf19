import { sql, type Migration } from '@myelin/database';

export const timelineMigrations: readonly Migration[] = [
  {
    id: 'timeline/0001',
    up: [
      // `extremities`: numbers of the events that none follows yet, as a JSON list. `state`: root of the current state.
      sql`CREATE TABLE rooms (nid BIGINT PRIMARY KEY, version TEXT NOT NULL, state BIGINT NOT NULL, extremities TEXT NOT NULL)`,
    ],
  },
];
