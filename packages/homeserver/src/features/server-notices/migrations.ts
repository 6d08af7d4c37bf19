import { sql, type Migration } from '@myelin/database';

export const serverNoticesMigrations: readonly Migration[] = [
  {
    id: 'server-notices/0001',
    up: [
      // The room in which a user gets the notices of the server.
      sql`CREATE TABLE server_notice_rooms (user_nid BIGINT NOT NULL PRIMARY KEY, room BIGINT NOT NULL)`,
      sql`CREATE INDEX server_notice_rooms_by_room ON server_notice_rooms (room)`,
    ],
  },
];
