import { sql, type Migration } from '@myelin/database';

export const stateMapMigrations: readonly Migration[] = [
  { id: 'state-map/0001', up: [sql`CREATE TABLE state_nodes (nid BIGINT PRIMARY KEY, node BLOB NOT NULL)`] },
];
