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
  {
    id: 'user-directory/0002',
    up: [
      // Beside the index by word, the table itself was kept twice.
      sql`CREATE TABLE user_directory_words_new (
        user_nid BIGINT NOT NULL,
        word TEXT NOT NULL,
        PRIMARY KEY (user_nid, word)
      ) WITHOUT ROWID`,
      sql`INSERT INTO user_directory_words_new (user_nid, word) SELECT user_nid, word FROM user_directory_words`,
      sql`DROP TABLE user_directory_words`,
      sql`ALTER TABLE user_directory_words_new RENAME TO user_directory_words`,
      sql`CREATE INDEX user_directory_words_by_word ON user_directory_words (word, user_nid)`,
    ],
  },
];
