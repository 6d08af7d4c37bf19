import { sql, type Migration } from '@myelin/database';

export const searchMigrations: readonly Migration[] = [
  {
    id: 'search/0001',
    up: (dialect) => [
      // What can be found; `part` is where the text stands in the event: see `searchParts`.
      dialect === 'postgres'
        ? sql`CREATE TABLE search_events (event BIGINT PRIMARY KEY, room BIGINT NOT NULL, part INTEGER NOT NULL, origin_server_ts BIGINT NOT NULL, words TSVECTOR NOT NULL)`
        : sql`CREATE TABLE search_events (event BIGINT PRIMARY KEY, room BIGINT NOT NULL, part INTEGER NOT NULL, origin_server_ts BIGINT NOT NULL)`,
      // The words alone: the texts are in the events. `room` is a word too (r and the number), so that a search looks at its rooms only.
      dialect === 'postgres'
        ? sql`CREATE INDEX search_events_words ON search_events USING gin (words)`
        : sql`CREATE VIRTUAL TABLE search_words USING fts5 (room, text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2')`,
      // The events up to this number have been looked at.
      sql`CREATE TABLE search_progress (id INTEGER PRIMARY KEY, event BIGINT NOT NULL)`,
      sql`INSERT INTO search_progress (id, event) VALUES (1, 0)`,
    ],
  },
  {
    id: 'search/0002',
    up: [
      // Events that were looked at and have changed since; `times` tells whether that was once more while they were looked at.
      sql`CREATE TABLE search_again (event BIGINT PRIMARY KEY, times BIGINT NOT NULL)`,
    ],
  },
];
