import { sql, type Migration } from '@myelin/database';

export const incomingEventsMigrations: readonly Migration[] = [
  {
    id: 'incoming-events/0001',
    up: [
      // State events whose signatures couldn't be checked when they came. `server`: whose keys couldn't be had; empty if the event
      // is good and an event that authorizes it couldn't be checked. `told_after`: JSON list of the events after which
      // another server told that it is in the state. `next_at`: when it is tried again, in milliseconds.
      sql`CREATE TABLE unproven_events (
        room_id TEXT NOT NULL,
        event_id TEXT NOT NULL,
        server TEXT NOT NULL,
        json TEXT NOT NULL,
        told_after TEXT NOT NULL,
        tries INTEGER NOT NULL,
        next_at BIGINT NOT NULL,
        PRIMARY KEY (room_id, event_id)
      )`,
    ],
  },
  {
    id: 'incoming-events/0002',
    up: [
      // Events that nothing follows yet and that aren't among the ends of their rooms: those are counted anew when the gap is filled.
      sql`CREATE TABLE waiting_ends (
        room INTEGER NOT NULL,
        event BIGINT NOT NULL,
        PRIMARY KEY (room, event)
      )`,
    ],
  },
];
