import { sql, type Migration } from '@myelin/database';

export const roomMembersMigrations: readonly Migration[] = [
  {
    id: 'room-members/0001',
    up: [
      // The newest m.room.member event of each user in each room's current state. `position` is that event's.
      sql`CREATE TABLE room_members (
        room BIGINT NOT NULL,
        user_nid BIGINT NOT NULL,
        membership TEXT NOT NULL,
        event BIGINT NOT NULL,
        position BIGINT NOT NULL,
        sender BIGINT NOT NULL,
        forgotten INTEGER NOT NULL,
        PRIMARY KEY (room, user_nid)
      )`,
      sql`CREATE INDEX room_members_by_user ON room_members (user_nid)`,
    ],
  },
];
