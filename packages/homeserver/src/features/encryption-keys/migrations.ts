import { sql, type Migration } from '@myelin/database';

export const encryptionKeysMigrations: readonly Migration[] = [
  {
    id: 'encryption-keys/0001',
    up: [
      // `keys`: canonical JSON as the device uploaded it, without `unsigned`.
      sql`CREATE TABLE device_keys (device BIGINT PRIMARY KEY, user_nid BIGINT NOT NULL, device_id TEXT NOT NULL, keys TEXT NOT NULL)`,
      sql`CREATE INDEX device_keys_by_user ON device_keys (user_nid)`,
      // Given out by `batch`, the position of their upload, then by `key_id`. `key`: canonical JSON.
      sql`CREATE TABLE one_time_keys (
        device BIGINT NOT NULL,
        algorithm TEXT NOT NULL,
        batch BIGINT NOT NULL,
        key_id TEXT NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (device, algorithm, batch, key_id)
      ) WITHOUT ROWID`,
      sql`CREATE TABLE fallback_keys (
        device BIGINT NOT NULL,
        algorithm TEXT NOT NULL,
        key_id TEXT NOT NULL,
        key TEXT NOT NULL,
        used INTEGER NOT NULL,
        PRIMARY KEY (device, algorithm)
      )`,
      // `usage`: master, self_signing or user_signing. `key`: canonical JSON with the signatures that were verified.
      sql`CREATE TABLE cross_signing_keys (
        user_nid BIGINT NOT NULL,
        usage TEXT NOT NULL,
        public_key TEXT NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (user_nid, usage)
      )`,
      // Verified signatures that came after the keys. `target_key`: a device id, or the public key of a master key.
      // `signing_key`: a key id as it stands under `signatures`.
      sql`CREATE TABLE key_signatures (
        target BIGINT NOT NULL,
        signer BIGINT NOT NULL,
        target_key TEXT NOT NULL,
        signing_key TEXT NOT NULL,
        signature TEXT NOT NULL,
        position BIGINT NOT NULL,
        PRIMARY KEY (target, signer, target_key, signing_key)
      )`,
      sql`CREATE INDEX key_signatures_by_signer ON key_signatures (signer, position)`,
      // When the devices, their keys or the cross-signing keys of a user changed last.
      sql`CREATE TABLE device_list_changes (user_nid BIGINT PRIMARY KEY, position BIGINT NOT NULL)`,
      sql`CREATE INDEX device_list_changes_by_position ON device_list_changes (position)`,
    ],
  },
];
