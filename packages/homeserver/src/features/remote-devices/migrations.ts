import { sql, type Migration } from '@myelin/database';

export const remoteDevicesMigrations: readonly Migration[] = [
  {
    id: 'remote-devices/0001',
    up: [
      // Users of other servers whose devices are known. `stream_id`: of the last update that is in the list; NULL: not
      // known yet. `stale`: something is missing, which is being asked for.
      sql`CREATE TABLE remote_device_lists (user_nid BIGINT PRIMARY KEY, stream_id BIGINT, stale INTEGER NOT NULL)`,
      // `keys`: JSON as clients get it. Cross-signing keys lie with those of local users.
      sql`CREATE TABLE remote_devices (
        user_nid BIGINT NOT NULL,
        device_id TEXT NOT NULL,
        keys TEXT NOT NULL,
        PRIMARY KEY (user_nid, device_id)
      ) WITHOUT ROWID`,
      // Lists that must be asked for again. `asked` grows with each reason; `due` in milliseconds since 1970.
      sql`CREATE TABLE remote_device_resyncs (
        user_nid BIGINT PRIMARY KEY,
        asked BIGINT NOT NULL,
        failures INTEGER NOT NULL,
        due BIGINT NOT NULL
      )`,
      sql`CREATE INDEX remote_device_resyncs_by_due ON remote_device_resyncs (due)`,
    ],
  },
];
