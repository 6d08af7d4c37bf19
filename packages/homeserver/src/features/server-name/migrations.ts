import { sql, type Migration } from '@myelin/database';

export const serverNameMigrations: readonly Migration[] = [
  { id: 'server-name/0001', up: [sql`CREATE TABLE server_name (name TEXT NOT NULL PRIMARY KEY)`] },
];
