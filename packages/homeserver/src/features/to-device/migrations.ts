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
  {
    id: 'to-device/0002',
    up: [
      // What other servers sent, so that what they send again isn't delivered again. `received_at` in milliseconds.
      sql`CREATE TABLE to_device_received (
        origin TEXT NOT NULL,
        message_id TEXT NOT NULL,
        received_at BIGINT NOT NULL,
        PRIMARY KEY (origin, message_id)
      ) WITHOUT ROWID`,
      sql`CREATE INDEX to_device_received_by_time ON to_device_received (received_at)`,
    ],
  },
];
