import { sql, type Migration } from '@myelin/database';

export const partialRoomsMigrations: readonly Migration[] = [
  {
    id: 'partial-rooms/0001',
    up: [
      // Rooms that this server entered without learning all of their members. `event`: the join by which it came in, and
      // `position` its place; `origin`: the server that let it in; `servers`: JSON list of those that it named as being in the
      // room; `started`: milliseconds since 1970.
      sql`CREATE TABLE partial_rooms (
        room BIGINT PRIMARY KEY,
        event BIGINT NOT NULL,
        position BIGINT NOT NULL,
        origin TEXT NOT NULL,
        servers TEXT NOT NULL,
        started BIGINT NOT NULL
      )`,
      // Events whose states were found out from a state without members. `told`: JSON list of pairs:
      // an event before it that isn't here, and the state after that as another server told it.
      sql`CREATE TABLE partial_events (room BIGINT NOT NULL, event BIGINT NOT NULL, told TEXT NOT NULL, PRIMARY KEY (room, event))`,
      // What clients were shown as the state of rooms while they were partial, from a position on.
      sql`CREATE TABLE shown_partial_states (room BIGINT NOT NULL, position BIGINT NOT NULL, state BIGINT NOT NULL, PRIMARY KEY (room, position))`,
      // Rooms that were partial: the position from which on they no longer were.
      sql`CREATE TABLE completed_rooms (room BIGINT PRIMARY KEY, position BIGINT NOT NULL)`,
    ],
  },
];
