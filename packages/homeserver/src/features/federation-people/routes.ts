import { federation } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
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
}

/** What other servers may ask about people and the directory. */
export function federationPeopleRoutes(services: FederationPeopleServices): Route[] {
  const { profileQuery, aliases, directory, publicRooms, keys, withDeviceNames, showsPublicRooms } = services;
  return [
    route(federation.queryProfile, queryProfileHandler(profileQuery)),
    route(federation.queryRoomDirectory, queryRoomDirectoryHandler(aliases, directory)),
    route(federation.queryInfo, queryInfoHandler()),
    route(federation.getUserDevices, getUserDevicesHandler(keys.forServers, withDeviceNames)),
    route(federation.queryUserEncryptionKeys, queryUserEncryptionKeysHandler(keys.forServers, withDeviceNames)),
    route(federation.claimUserEncryptionKeys, claimUserEncryptionKeysHandler(keys.claims)),
    route(federation.getPublicRooms, getPublicRoomsHandler(publicRooms, showsPublicRooms)),
    route(federation.queryPublicRooms, queryPublicRoomsHandler(publicRooms, showsPublicRooms)),
  ];
}
