import { sql, type Migration } from '@myelin/database';

export const devicesMigrations: readonly Migration[] = [
  {
    id: 'devices/0001',
    up: [
      sql`CREATE TABLE devices (
        nid BIGINT PRIMARY KEY,
        user_nid BIGINT NOT NULL,
        device_id TEXT NOT NULL,
        display_name TEXT,
        last_seen_at BIGINT,
        last_seen_ip TEXT,
        last_seen_user_agent TEXT,
        UNIQUE (user_nid, device_id)
      )`,
    ],
  },
];
