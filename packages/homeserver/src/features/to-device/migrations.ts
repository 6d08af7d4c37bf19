import { sql, type Migration } from '@myelin/database';

export const toDeviceMigrations: readonly Migration[] = [
  {
    id: 'to-device/0001',
    up: [
      // What devices haven't confirmed yet. One message a device has a position. `message`: JSON as it goes into a sync.
      sql`CREATE TABLE to_device_messages (
        device BIGINT NOT NULL,
        position BIGINT NOT NULL,
        sender BIGINT NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (device, position)
      ) WITHOUT ROWID`,
      // Requests that were carried out. `owner`: the sending device, or less than 0: a token without a device.
      sql`CREATE TABLE to_device_transactions (
        owner BIGINT NOT NULL,
        event_type TEXT NOT NULL,
        transaction_id TEXT NOT NULL,
        sent_at BIGINT NOT NULL,
        PRIMARY KEY (owner, transaction_id, event_type)
      ) WITHOUT ROWID`,
    ],
  },
];
