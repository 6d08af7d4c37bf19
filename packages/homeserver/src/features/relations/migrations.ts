import { sql, type Migration } from '@myelin/database';

export const relationsMigrations: readonly Migration[] = [
  {
    id: 'relations/0001',
    up: [
      // `parent` is an event id, because the parent may not be known yet. `type`, `sender`, `depth` and `position` are the child's;
      // `root_sender` is who began the thread.
      sql`CREATE TABLE relations (
        child BIGINT NOT NULL PRIMARY KEY,
        room BIGINT NOT NULL,
        parent TEXT NOT NULL,
        rel_type TEXT NOT NULL,
        type TEXT NOT NULL,
        sender BIGINT NOT NULL,
        annotation_key TEXT,
        root_sender BIGINT,
        depth BIGINT NOT NULL,
        position BIGINT NOT NULL
      )`,
      sql`CREATE INDEX relations_by_parent ON relations (parent, rel_type, depth, position)`,
      sql`CREATE INDEX relations_of_threads ON relations (room, parent, position) WHERE rel_type = 'm.thread'`,
    ],
  },
];
