import { sql, type Migration } from '@myelin/database';

export const roomServersMigrations: readonly Migration[] = [
  {
    id: 'room-servers/0001',
    up: [
      // The servers in each room that other servers are in: how many of their users are joined, by the current state, and the position of the
      // event that brought the first of them. `assumed`: in the room as far as others say, while we lack its members.
      sql`CREATE TABLE room_servers (
        room BIGINT NOT NULL,
        server TEXT NOT NULL,
        joined BIGINT NOT NULL,
        since BIGINT NOT NULL,
        assumed INTEGER NOT NULL,
        PRIMARY KEY (room, server)
      ) WITHOUT ROWID`,
      sql`CREATE INDEX room_servers_by_server ON room_servers (server)`,
    ],
  },
  {
    id: 'room-servers/0002',
    up: [
      // Servers that were in a room and aren't any more, with the event by which the last of their users went.
      sql`CREATE TABLE parted_servers (
        room BIGINT NOT NULL,
        server TEXT NOT NULL,
        position BIGINT NOT NULL,
        event BIGINT NOT NULL,
        PRIMARY KEY (room, server)
      ) WITHOUT ROWID`,
    ],
  },
];
