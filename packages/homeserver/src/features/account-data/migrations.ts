import { sql, type Migration } from '@myelin/database';

export const accountDataMigrations: readonly Migration[] = [
  {
    id: 'account-data/0001',
    up: [
      // `room` 0: global. `content` is JSON text; of deleted data it is `{}`, kept so that a sync can tell it.
      // `position`: of the last change.
      sql`CREATE TABLE account_data (
        user_nid BIGINT NOT NULL,
        room BIGINT NOT NULL,
        type TEXT NOT NULL,
        content TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        position BIGINT NOT NULL,
        PRIMARY KEY (user_nid, room, type)
      )`,
      sql`CREATE INDEX account_data_by_position ON account_data (user_nid, position)`,
      // What m.ignored_user_list of each user says.
      sql`CREATE TABLE ignored_users (user_nid BIGINT NOT NULL, ignored BIGINT NOT NULL, PRIMARY KEY (user_nid, ignored))`,
    ],
  },
];
