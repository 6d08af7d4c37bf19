import type { Database } from '@myelin/database';
import type { Timers } from '@myelin/runtime';
import type { Counters } from '../counters/index.ts';
import { BackedUpKeyStore } from './backed-up-key-store.ts';
import { BackupReader } from './backup-reader.ts';
import { BackupRemains } from './backup-remains.ts';
import { BackupStore } from './backup-store.ts';
import { KeyBackups } from './key-backups.ts';

export type KeyBackup = Awaited<ReturnType<typeof createKeyBackup>>;

/** Puts the feature together, and goes on with what was being deleted when the server stopped. */
export async function createKeyBackup(database: Database, counters: Counters, timers: Timers) {
  const keys = new BackedUpKeyStore(database);
  const remains = new BackupRemains(database, keys, timers);
  const backups = new KeyBackups({
    database,
    numbers: await counters.open('key_backups'),
    backups: new BackupStore(database),
    keys,
    remains,
  });
  remains.sweep();
  return { backups, reader: new BackupReader(backups, keys), stop: () => remains.stop() };
}
