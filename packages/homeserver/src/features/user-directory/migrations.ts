import { sql, type Migration } from '@myelin/database';

export const userDirectoryMigrations: readonly Migration[] = [
  {
    id: 'user-directory/0001',
    up: [
      sql`CREATE TABLE user_directory (
        user_nid BIGINT NOT NULL PRIMARY KEY,
        user_id TEXT NOT NULL,
        is_local INTEGER NOT NULL,
        display_name TEXT,
        avatar_url TEXT
      )`,
      // What an entry is found by: words of the id and the name, in lower case.
      sql`CREATE TABLE user_directory_words (word TEXT NOT NULL, user_nid BIGINT NOT NULL, PRIMARY KEY (word, user_nid))`,
      sql`CREATE INDEX user_directory_words_by_user ON user_directory_words (user_nid)`,
      // Rooms that anybody may join or read.
      sql`CREATE TABLE user_directory_open_rooms (room BIGINT NOT NULL PRIMARY KEY)`,
    ],
  },
];
