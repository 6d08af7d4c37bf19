import type { Core } from './core.ts';
import type { Aliases, DirectoryService, PublicRooms } from './features/directory/index.ts';
import type { FederationClient } from './features/federation-client/index.ts';
import type { EduHandlers } from './features/federation-inbound/index.ts';
import type { EduSender } from './features/federation-outbound/index.ts';
import {
  directToDeviceHandler,
  FederatedDirectories,
  FederatedProfiles,
  FederatedToDevice,
  federationPeopleRoutes,
  presenceHandler,
  receiptHandler,
  typingHandler,
} from './features/federation-people/index.ts';
import type { Profiles } from './features/profiles/index.ts';
import { createRemoteDevices } from './features/remote-devices/index.ts';
import type { RoomServers } from './features/room-servers/index.ts';
import type { ServerAcls } from './features/server-acls/index.ts';
import type { Route } from './http/index.ts';
import type { Log } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import type { AccountsWiring } from './wire-accounts.ts';
import type { ClientDataWiring } from './wire-client-data.ts';
import type { EncryptionWiring } from './wire-encryption.ts';

export interface FederationPeopleNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly client: FederationClient;
  readonly edus: EduHandlers;
  readonly eduSender: EduSender;
  readonly acls: ServerAcls;
  readonly roomServers: RoomServers;
  readonly profiles: Profiles;
  readonly aliases: Aliases;
  readonly directory: DirectoryService;
  readonly publicRooms: PublicRooms;
  readonly people: Pick<AccountsWiring, 'profileLookup'>;
  readonly clientData: Pick<ClientDataWiring, 'typing' | 'receipts' | 'presence'>;
  readonly encryption: Pick<EncryptionWiring, 'keys' | 'toDevice'>;
}

export interface FederationPeopleWiring {
  /** For the listener resource `federation`. */
  readonly routes: readonly Route[];
  stop(): Promise<void>;
}

/** Puts together what people of different servers know of each other: profiles, devices and keys, what passes by. */
export function wireFederationPeople(core: Core, needs: FederationPeopleNeeds): FederationPeopleWiring {
  const { config, runtime, names, members } = core;
  const { client, edus, publicRooms, people, clientData, encryption } = needs;
  const remoteDevices = createRemoteDevices({
    ...core,
    log: needs.log,
    servers: needs.roomServers,
    client,
    keys: encryption.keys,
  });
  encryption.keys.useRemote(remoteDevices.keys);
  encryption.toDevice.useRemote(new FederatedToDevice(needs.eduSender, runtime.random));
  people.profileLookup.useRemote(new FederatedProfiles(client));
  publicRooms.useRemote(new FederatedDirectories(client, runtime.clock));

  const { acls } = needs;
  const { shared, possible, checkSender } = remoteDevices;
  const { typing, receipts, presence } = clientData;
  edus.on('m.typing', typingHandler({ names, members, possible, acls, typing }));
  edus.on('m.receipt', receiptHandler({ names, members, possible, acls, receipts }));
  const received = needs.metrics.counter(
    'synapse_handler_presence_federation_presence_total',
    'Changes of presence that other servers sent',
  );
  edus.on('m.presence', presenceHandler({ ...runtime, names, presence, shared, possible, received }));
  edus.on('m.direct_to_device', directToDeviceHandler({ toDevice: encryption.toDevice, checkSender }));
  remoteDevices.listen(edus);
  return {
    routes: federationPeopleRoutes({
      ...needs,
      profileQuery: { ...core, profiles: needs.profiles, isAllowed: config.profiles.lookupOverFederation },
      keys: encryption.keys,
      withDeviceNames: config.federation.deviceNameLookup,
      showsPublicRooms: config.rooms.directory.publicRoomsOverFederation,
    }),
    stop: () => remoteDevices.stop(),
  };
}
