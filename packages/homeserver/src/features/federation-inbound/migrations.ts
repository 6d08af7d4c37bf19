import { sql, type Migration } from '@myelin/database';

export const federationInboundMigrations: readonly Migration[] = [
  {
    id: 'federation-inbound/0001',
    up: [
      // Transactions of other servers that were carried out lately. `answer`: JSON, what became of each event; `answered_at` in
      // milliseconds.
      sql`CREATE TABLE inbound_transactions (
        origin TEXT NOT NULL,
        txn_id TEXT NOT NULL,
        answered_at BIGINT NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (origin, txn_id)
      ) WITHOUT ROWID`,
      sql`CREATE INDEX inbound_transactions_by_time ON inbound_transactions (answered_at)`,
    ],
  },
  {
    id: 'federation-inbound/0002',
    up: [
      // Events that wait for others before them. `json`: the checked event; `next_at`: when it is tried again, in milliseconds.
      sql`CREATE TABLE late_events (
        event_id TEXT NOT NULL,
        room_id TEXT NOT NULL,
        origin TEXT NOT NULL,
        json TEXT NOT NULL,
        tries INTEGER NOT NULL,
        next_at BIGINT NOT NULL,
        PRIMARY KEY (event_id, room_id)
      )`,
    ],
  },
];
