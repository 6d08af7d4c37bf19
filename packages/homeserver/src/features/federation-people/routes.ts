import { federation, type Endpoint } from '@myelin/api';
import { route, type Handler, type Route } from '../../http/index.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Aliases, DirectoryService, PublicRooms } from '../directory/index.ts';
import type { EncryptionKeys } from '../encryption-keys/index.ts';
import { claimUserEncryptionKeysHandler } from './handlers/claim-user-encryption-keys.ts';
import { getPublicRoomsHandler } from './handlers/get-public-rooms.ts';
import { getUserDevicesHandler } from './handlers/get-user-devices.ts';
import { queryInfoHandler } from './handlers/query-info.ts';
import { queryProfileHandler, type ProfileQueryParts } from './handlers/query-profile.ts';
import { queryPublicRoomsHandler } from './handlers/query-public-rooms.ts';
import { queryRoomDirectoryHandler } from './handlers/query-room-directory.ts';
import { queryUserEncryptionKeysHandler } from './handlers/query-user-encryption-keys.ts';

export interface FederationPeopleServices {
  readonly profileQuery: ProfileQueryParts;
  readonly aliases: Aliases;
  readonly directory: DirectoryService;
  readonly publicRooms: PublicRooms;
  readonly keys: Pick<EncryptionKeys, 'forServers' | 'claims'>;
  /** `allow_device_name_lookup_over_federation` */
  readonly withDeviceNames: boolean;
  /** `allow_public_rooms_over_federation` */
  readonly showsPublicRooms: boolean;
  readonly metrics: Metrics;
}

/** What other servers may ask about people and the directory. */
export function federationPeopleRoutes(services: FederationPeopleServices): Route[] {
  const { profileQuery, aliases, directory, publicRooms, keys, withDeviceNames, showsPublicRooms } = services;
  const queries = services.metrics.counter(
    'synapse_federation_server_received_queries_total',
    'Questions of other servers about people and names',
    ['type'],
  );
  const counted =
    <E extends Endpoint>(type: string, handler: Handler<E>): Handler<E> =>
    (request) => {
      queries.inc({ type });
      return handler(request);
    };
  return [
    route(federation.queryProfile, counted('profile', queryProfileHandler(profileQuery))),
    route(federation.queryRoomDirectory, counted('directory', queryRoomDirectoryHandler(aliases, directory))),
    route(federation.queryInfo, queryInfoHandler()),
    route(federation.getUserDevices, getUserDevicesHandler(keys.forServers, withDeviceNames)),
    route(
      federation.queryUserEncryptionKeys,
      counted('client_keys', queryUserEncryptionKeysHandler(keys.forServers, withDeviceNames)),
    ),
    route(federation.claimUserEncryptionKeys, claimUserEncryptionKeysHandler(keys.claims)),
    route(federation.getPublicRooms, getPublicRoomsHandler(publicRooms, showsPublicRooms)),
    route(federation.queryPublicRooms, queryPublicRoomsHandler(publicRooms, showsPublicRooms)),
  ];
}
