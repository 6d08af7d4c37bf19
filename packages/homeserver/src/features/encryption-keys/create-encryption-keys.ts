import type { Database, Writer } from '@myelin/database';
import type { CacheSizes } from '../../caches/index.ts';
import type { Devices } from '../devices/index.ts';
import type { Events } from '../events/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import type { RoomStates } from '../timeline/index.ts';
import { CrossSigningStore } from './cross-signing-store.ts';
import { CrossSigning } from './cross-signing.ts';
import { DeviceFacts } from './device-facts.ts';
import { DeviceKeyStore } from './device-key-store.ts';
import { DeviceListLog } from './device-list-log.ts';
import { DeviceLists } from './device-lists.ts';
import { KeyChanges } from './key-changes.ts';
import { KeyClaims } from './key-claims.ts';
import { KeyDirectory } from './key-directory.ts';
import { KeyQueries } from './key-queries.ts';
import { KeyUploads } from './key-uploads.ts';
import { OneTimeKeys } from './one-time-keys.ts';
import type { RemoteKeys } from './remote-keys.ts';
import { ServerKeyQueries } from './server-key-queries.ts';
import { SignatureStore } from './signature-store.ts';
import { SignatureUploads } from './signature-uploads.ts';

export interface EncryptionKeysNeeds {
  readonly serverName: string;
  readonly database: Database;
  readonly cacheSizes: CacheSizes;
  readonly streams: Streams;
  readonly names: Names;
  readonly events: Events;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly devices: Devices;
}

export type EncryptionKeys = ReturnType<typeof createEncryptionKeys>;

/** Puts the feature together, and listens to devices that come and go. */
export function createEncryptionKeys(needs: EncryptionKeysNeeds) {
  const { database, devices, streams, members, names } = needs;
  const deviceKeys = new DeviceKeyStore(database);
  const crossSigningStore = new CrossSigningStore(database);
  const signatures = new SignatureStore(database);
  const directory = new KeyDirectory({
    database,
    devices,
    deviceKeys,
    crossSigning: crossSigningStore,
    signatures,
    cacheBytes: needs.cacheSizes.bytes('device_keys'),
  });
  const oneTimeKeys = new OneTimeKeys(database, streams);
  const log = new DeviceListLog(database, streams, members, directory);
  const parts = { ...needs, deviceKeys, crossSigning: crossSigningStore, signatures, directory, oneTimeKeys, log };

  const crossSigning = new CrossSigning(parts);
  devices.onListChange(log);
  devices.addIdCheck((writer, user, deviceId) => crossSigning.checkDeviceId(writer, user, deviceId));
  devices.onDelete(async (writer, device) => {
    await deviceKeys.delete(writer, device.nid);
    await oneTimeKeys.delete(writer, device.nid);
    await signatures.deleteOfKey(writer, device.user, device.deviceId);
    await signatures.deleteOwnBy(writer, device.user, `ed25519:${device.deviceId}`);
  });
  const queries = new KeyQueries(parts);
  const claims = new KeyClaims(parts);
  const signatureUploads = new SignatureUploads(parts);
  return {
    uploads: new KeyUploads(parts),
    queries,
    claims,
    forServers: new ServerKeyQueries(parts),
    facts: new DeviceFacts(devices, directory, log),
    log,
    crossSigningStore,
    signatures,
    /** Lets keys of other servers' users be had. */
    useRemote(remote: RemoteKeys): void {
      queries.useRemote(remote);
      claims.useRemote(remote);
      signatureUploads.useRemote(remote);
    },
    crossSigning,
    signatureUploads,
    changes: new KeyChanges(names, streams, new DeviceLists(parts), oneTimeKeys),
    /** Drops what is left of a user whose devices were deleted: for accounts that are deactivated. */
    async forget(writer: Writer, user: UserNid): Promise<void> {
      await crossSigningStore.deleteOf(writer, user);
      await signatures.deleteOf(writer, user);
      await log.changed(writer, user, ['']);
    },
  };
}
