import { sql, type Migration } from '@myelin/database';

export const directoryMigrations: readonly Migration[] = [
  {
    id: 'directory/0001',
    up: [
      sql`CREATE TABLE room_aliases (alias TEXT NOT NULL PRIMARY KEY, room BIGINT NOT NULL, creator BIGINT NOT NULL)`,
      sql`CREATE INDEX room_aliases_by_room ON room_aliases (room)`,
      // Rooms that are shown in the public list.
      sql`CREATE TABLE published_rooms (room BIGINT NOT NULL PRIMARY KEY)`,
    ],
  },
];
