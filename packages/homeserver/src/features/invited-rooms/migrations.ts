import { sql, type Migration } from '@myelin/database';

export const invitedRoomsMigrations: readonly Migration[] = [
  {
    id: 'invited-rooms/0001',
    up: [
      // Invites and knocks of local users at rooms that this server isn't in. `stripped_state`: a JSON list of
      // texts, what the other server told of the room. The event itself is among the events, as an outlier.
      sql`CREATE TABLE invited_rooms (
        room BIGINT NOT NULL,
        user_nid BIGINT NOT NULL,
        event BIGINT NOT NULL,
        version TEXT NOT NULL,
        stripped_state TEXT NOT NULL,
        PRIMARY KEY (room, user_nid)
      )`,
    ],
  },
];
