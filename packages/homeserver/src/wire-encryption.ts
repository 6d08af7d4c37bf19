import type { Core } from './core.ts';
import { createEncryptionKeys, encryptionKeysRoutes, type EncryptionKeys } from './features/encryption-keys/index.ts';
import { createKeyBackup, keyBackupRoutes } from './features/key-backup/index.ts';
import type { SyncSources } from './features/sync/index.ts';
import { DeviceQueues, MessageStore, noRemoteToDevice, ToDevice, toDeviceRoutes } from './features/to-device/index.ts';
import { RateLimiter, type Route } from './http/index.ts';
import type { Log } from './observability/log.ts';
import type { AccountsWiring } from './wire-accounts.ts';

export interface EncryptionWiring {
  readonly routes: readonly Route[];
  readonly keys: EncryptionKeys;
  readonly toDevice: ToDevice;
  readonly sources: Pick<SyncSources, 'encryption' | 'toDevice'>;
  stop(): Promise<void>;
}

/** Puts together what end-to-end encryption needs of the server: keys, messages to devices, key backups. */
export async function wireEncryption(
  core: Core,
  log: Log,
  people: Pick<AccountsWiring, 'reauthentication' | 'deactivation'>,
): Promise<EncryptionWiring> {
  const { config, runtime, database, counters } = core;
  const keys = createEncryptionKeys(core);
  const queues = new DeviceQueues(database, new MessageStore(database));
  const keyRequests = new RateLimiter(runtime.clock, config.rateLimits.keyRequests);
  const toDevice = new ToDevice({ ...core, ...runtime, queues, keyRequests, remote: noRemoteToDevice(log) });
  const backup = await createKeyBackup(database, counters, runtime.timers);
  people.deactivation.onDeactivate(async (writer, user) => {
    await keys.forget(writer, user);
    await backup.backups.forget(writer, user);
  });
  return {
    routes: [
      ...encryptionKeysRoutes(keys, people.reauthentication),
      ...toDeviceRoutes(toDevice),
      ...keyBackupRoutes(backup),
    ],
    keys,
    toDevice,
    sources: { encryption: keys.changes, toDevice: queues },
    async stop() {
      toDevice.stop();
      await backup.stop();
    },
  };
}
