import { sql, type Migration } from '@myelin/database';

export const timelineMigrations: readonly Migration[] = [
  {
    id: 'timeline/0001',
    up: [
      // `extremities`: numbers of the events that none follows yet, as a JSON list. `state`: root of the current state.
      sql`CREATE TABLE rooms (nid BIGINT PRIMARY KEY, version TEXT NOT NULL, state BIGINT NOT NULL, extremities TEXT NOT NULL)`,
    ],
  },
  {
    id: 'timeline/0002',
    up: [
      // Events that are named as being before others and that we don't have; `depth` and `child` are those of an event
      // that names it.
      sql`CREATE TABLE history_gaps (room BIGINT NOT NULL, event_id TEXT NOT NULL, depth BIGINT NOT NULL, child BIGINT NOT NULL, PRIMARY KEY (room, event_id))`,
      sql`CREATE INDEX history_gaps_by_depth ON history_gaps (room, depth)`,
      // Redactions of events that we don't have.
      sql`CREATE TABLE awaited_redactions (target_id TEXT NOT NULL, redaction BIGINT NOT NULL, PRIMARY KEY (target_id, redaction))`,
    ],
  },
  {
    id: 'timeline/0003',
    up: [
      // Rooms that this server entered from elsewhere: the depth of the join by which it came in last.
      sql`CREATE TABLE room_entries (room BIGINT PRIMARY KEY, depth BIGINT NOT NULL)`,
    ],
  },
];
