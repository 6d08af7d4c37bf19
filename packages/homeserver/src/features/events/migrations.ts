import { sql, type Migration } from '@myelin/database';

export const eventsMigrations: readonly Migration[] = [
  {
    id: 'events/0001',
    up: [
      sql`CREATE TABLE events (
        nid BIGINT PRIMARY KEY,
        room BIGINT NOT NULL,
        type BIGINT NOT NULL,
        state_key BIGINT,
        sender BIGINT NOT NULL,
        depth BIGINT NOT NULL,
        origin_server_ts BIGINT NOT NULL,
        position BIGINT,
        state_before BIGINT NOT NULL,
        state_after BIGINT NOT NULL,
        status INTEGER NOT NULL,
        redacted_by BIGINT,
        event_id BLOB NOT NULL,
        content_start INTEGER NOT NULL,
        content_end INTEGER NOT NULL,
        json TEXT NOT NULL,
        redacted_json TEXT
      )`,
      sql`CREATE UNIQUE INDEX events_by_id ON events (event_id)`,
      // Sync reads a room by position, pagination by place in the graph, jumping to a date by time.
      sql`CREATE INDEX events_by_position ON events (room, position) WHERE position IS NOT NULL`,
      sql`CREATE INDEX events_by_depth ON events (room, depth, position) WHERE position IS NOT NULL`,
      sql`CREATE INDEX events_by_time ON events (room, origin_server_ts) WHERE position IS NOT NULL`,
      sql`CREATE TABLE event_refusals (event BIGINT PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL)`,
    ],
  },
  {
    id: 'events/0002',
    up: [
      // Where the history of a room has forked, the current state after an event (at its position) isn't the event's own
      // state after. Holds up to the room's next event, or the next row.
      sql`CREATE TABLE current_states (room BIGINT NOT NULL, position BIGINT NOT NULL, state BIGINT NOT NULL, PRIMARY KEY (room, position))`,
    ],
  },
  {
    id: 'events/0003',
    up: [
      // The state events by which the current state was against a soft-failed one.
      sql`CREATE TABLE event_refusers (event BIGINT NOT NULL, refuser BIGINT NOT NULL, PRIMARY KEY (event, refuser))`,
    ],
  },
];
