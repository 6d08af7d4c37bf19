import { sql } from '@myelin/database';
import type { Migration } from '@myelin/database';

export const namesMigrations: readonly Migration[] = [
  {
    id: 'names/0001',
    up: [
      sql`CREATE TABLE user_names (nid BIGINT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE)`,
      sql`CREATE TABLE room_names (nid BIGINT PRIMARY KEY, room_id TEXT NOT NULL UNIQUE)`,
      sql`CREATE TABLE type_names (nid BIGINT PRIMARY KEY, type TEXT NOT NULL UNIQUE)`,
      sql`CREATE TABLE state_keys (nid BIGINT PRIMARY KEY, type TEXT NOT NULL, state_key TEXT NOT NULL, UNIQUE (type, state_key))`,
    ],
  },
];
