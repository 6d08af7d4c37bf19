import { sql, type Migration } from '@myelin/database';

export const clientEventsMigrations: readonly Migration[] = [
  {
    id: 'client-events/0001',
    up: [
      sql`CREATE TABLE event_transactions (
        device BIGINT NOT NULL,
        scope TEXT NOT NULL,
        transaction_id TEXT NOT NULL,
        event BIGINT NOT NULL,
        sent_at BIGINT NOT NULL,
        PRIMARY KEY (device, transaction_id, scope)
      )`,
      sql`CREATE INDEX event_transactions_by_event ON event_transactions (event)`,
    ],
  },
];
