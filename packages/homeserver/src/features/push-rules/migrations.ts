import { sql, type Migration } from '@myelin/database';

export const pushRulesMigrations: readonly Migration[] = [
  {
    id: 'push-rules/0001',
    up: [
      // Users who left the default rules as they are have no row. `rules`: a PushRuleSet as JSON text.
      // `position`: of the last change.
      sql`CREATE TABLE push_rule_sets (user_nid BIGINT PRIMARY KEY, rules TEXT NOT NULL, position BIGINT NOT NULL)`,
      // `device`: where it was set from; it goes with that device. `data`: JSON text. `created_at`: milliseconds since 1970.
      sql`CREATE TABLE pushers (
        app_id TEXT NOT NULL,
        pushkey TEXT NOT NULL,
        user_nid BIGINT NOT NULL,
        device BIGINT,
        kind TEXT NOT NULL,
        app_display_name TEXT NOT NULL,
        device_display_name TEXT NOT NULL,
        lang TEXT NOT NULL,
        profile_tag TEXT NOT NULL,
        data TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (app_id, pushkey, user_nid)
      )`,
      sql`CREATE INDEX pushers_by_user ON pushers (user_nid)`,
    ],
  },
];
