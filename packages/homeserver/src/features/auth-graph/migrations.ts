import { sql, type Migration } from '@myelin/database';

export const authGraphMigrations: readonly Migration[] = [
  {
    id: 'auth-graph/0001',
    up: [
      // Which state events name an event among their auth events. The other way round is in the events themselves.
      sql`CREATE TABLE auth_citations (auth BIGINT NOT NULL, event BIGINT NOT NULL, PRIMARY KEY (auth, event))`,
    ],
  },
  {
    id: 'auth-graph/0002',
    up: [
      // The events of a chain behind its first, which the chain is named by: each rests on the one before it.
      sql`CREATE TABLE auth_chains (
        event BIGINT NOT NULL PRIMARY KEY,
        chain BIGINT NOT NULL,
        place BIGINT NOT NULL,
        UNIQUE (chain, place)
      ) WITHOUT ROWID`,
      // Where an event of a chain rests on one of another: as far as that doesn't follow from what comes before it.
      sql`CREATE TABLE auth_chain_links (
        to_chain BIGINT NOT NULL,
        to_event BIGINT NOT NULL,
        from_event BIGINT NOT NULL,
        from_chain BIGINT NOT NULL,
        PRIMARY KEY (to_chain, to_event, from_event)
      ) WITHOUT ROWID`,
      sql`CREATE INDEX auth_chain_links_by_origin ON auth_chain_links (from_chain, to_chain, from_event)`,
      // Each event that is here already is a chain of its own; those that come continue them.
      sql`INSERT INTO auth_chain_links (to_chain, to_event, from_event, from_chain)
          SELECT auth, auth, event, event FROM auth_citations WHERE auth < event`,
      sql`DROP TABLE auth_citations`,
    ],
  },
];
