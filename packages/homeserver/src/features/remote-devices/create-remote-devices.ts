import type { Database } from '@myelin/database';
import type { Runtime } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { EncryptionKeys, RemoteKeys } from '../encryption-keys/index.ts';
import type { EduHandlers } from '../federation-inbound/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import type { Names } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import { deviceListUpdateHandler, signingKeyUpdateHandler, unknownDeviceCheck } from './edus.ts';
import { PossibleMembers } from './possible-members.ts';
import { RemoteDeviceLists } from './remote-device-lists.ts';
import { RemoteDeviceStore } from './remote-device-store.ts';
import { FederatedKeys } from './remote-keys.ts';
import { Resyncs } from './resyncs.ts';
import { SharedRooms, type ServersInRooms } from './shared-rooms.ts';
import { Strangers } from './strangers.ts';

export interface RemoteDevicesNeeds {
  readonly serverName: string;
  readonly database: Database;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly names: Names;
  readonly streams: Streams;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly servers: ServersInRooms;
  readonly client: FederationClient;
  readonly keys: Pick<EncryptionKeys, 'crossSigningStore' | 'signatures' | 'log'>;
}

export interface RemoteDevices {
  readonly keys: RemoteKeys;
  readonly shared: SharedRooms;
  readonly possible: PossibleMembers;
  /** To be called with each m.direct_to_device. */
  readonly checkSender: ReturnType<typeof unknownDeviceCheck>;
  listen(handlers: EduHandlers): void;
  /** Resolves when there is nothing to do at the moment. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the feature together; lists that were to be asked for when the server stopped are asked for. */
export function createRemoteDevices(needs: RemoteDevicesNeeds): RemoteDevices {
  const { database, runtime, members, servers, serverName, keys, partialRooms } = needs;
  const { clock, timers } = runtime;
  const store = new RemoteDeviceStore(database);
  const shared = new SharedRooms(members, servers, partialRooms, serverName);
  const possible = new PossibleMembers({ ...needs, log: keys.log, shared });
  const lists = new RemoteDeviceLists({
    database,
    clock,
    store,
    crossSigning: keys.crossSigningStore,
    signatures: keys.signatures,
    log: keys.log,
    shared,
  });
  const parts = { ...needs, clock, timers, store, lists, shared, possible };
  const resyncs = new Resyncs({ ...parts, changes: keys.log });
  const strangers = new Strangers(parts);
  partialRooms.onComplete(async (writer, _room, completion) => {
    await possible.completed(writer, completion);
    writer.onDurable(() => strangers.completed(completion));
  });
  resyncs.wake();
  return {
    keys: new FederatedKeys(parts),
    shared,
    possible,
    checkSender: unknownDeviceCheck(parts),
    listen(handlers) {
      handlers.on('m.device_list_update', deviceListUpdateHandler(parts));
      const signingKeyUpdate = signingKeyUpdateHandler(parts);
      handlers.on('m.signing_key_update', signingKeyUpdate);
      handlers.on('org.matrix.signing_key_update', signingKeyUpdate);
    },
    async idle() {
      await strangers.idle();
      await resyncs.idle();
    },
    async stop() {
      await strangers.stop();
      await resyncs.stop();
    },
  };
}
