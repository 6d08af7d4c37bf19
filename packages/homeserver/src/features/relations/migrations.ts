import { sql, type Migration } from '@myelin/database';

export const relationsMigrations: readonly Migration[] = [
  {
    id: 'relations/0001',
    up: [
      // `parent` is an event id, because the parent may not be known yet: it is of `room` only if an event of that room has
      // it. `type`, `sender`, `depth` and `position` are the child's. `redacted`: the child was, so the relation is no more.
      sql`CREATE TABLE relations (
        child BIGINT NOT NULL PRIMARY KEY,
        room BIGINT NOT NULL,
        parent TEXT NOT NULL,
        rel_type TEXT NOT NULL,
        type TEXT NOT NULL,
        sender BIGINT NOT NULL,
        annotation_key TEXT,
        depth BIGINT NOT NULL,
        position BIGINT NOT NULL,
        redacted INTEGER NOT NULL
      )`,
      sql`CREATE INDEX relations_by_parent ON relations (parent, rel_type, depth, position)`,
      sql`CREATE INDEX relations_by_sender ON relations (parent, rel_type, sender)`,
      // One row a thread with replies that aren't redacted: how many there are, and the position of the newest.
      sql`CREATE TABLE threads (
        room BIGINT NOT NULL,
        root TEXT NOT NULL,
        root_sender BIGINT,
        latest BIGINT NOT NULL,
        replies BIGINT NOT NULL,
        PRIMARY KEY (room, root)
      )`,
      sql`CREATE INDEX threads_by_latest ON threads (room, latest)`,
    ],
  },
];
