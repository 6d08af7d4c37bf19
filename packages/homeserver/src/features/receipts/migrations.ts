import { sql, type Migration } from '@myelin/database';

export const receiptsMigrations: readonly Migration[] = [
  {
    id: 'receipts/0001',
    up: [
      // How far each user has read. `private` 1: m.read.private, 0: m.read. `thread`: '' for unthreaded receipts, 'main', or
      // the root's event id. `event_depth` and `event_position`: the event's place in the timeline. `ts`: milliseconds since
      // 1970. `position`: of the last change.
      sql`CREATE TABLE receipts (
        room BIGINT NOT NULL,
        user_nid BIGINT NOT NULL,
        private INTEGER NOT NULL,
        thread TEXT NOT NULL,
        event_id TEXT NOT NULL,
        event_depth BIGINT NOT NULL,
        event_position BIGINT NOT NULL,
        ts BIGINT NOT NULL,
        position BIGINT NOT NULL,
        PRIMARY KEY (room, user_nid, private, thread)
      )`,
      sql`CREATE INDEX receipts_by_position ON receipts (room, position)`,
    ],
  },
];
