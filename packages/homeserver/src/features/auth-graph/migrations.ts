import { sql, type Migration } from '@myelin/database';

export const authGraphMigrations: readonly Migration[] = [
  {
    id: 'auth-graph/0001',
    up: [
      // Which state events name an event among their auth events. The other way round is in the events themselves.
      sql`CREATE TABLE auth_citations (auth BIGINT NOT NULL, event BIGINT NOT NULL, PRIMARY KEY (auth, event))`,
    ],
  },
];
