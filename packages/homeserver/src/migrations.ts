import type { Migration } from '@myelin/database';
import { accountDataMigrations } from './features/account-data/index.ts';
import { accountsMigrations } from './features/accounts/index.ts';
import { authGraphMigrations } from './features/auth-graph/index.ts';
import { clientEventsMigrations } from './features/client-events/index.ts';
import { destinationsMigrations } from './features/destinations/index.ts';
import { devicesMigrations } from './features/devices/index.ts';
import { directoryMigrations } from './features/directory/index.ts';
import { encryptionKeysMigrations } from './features/encryption-keys/index.ts';
import { eventsMigrations } from './features/events/index.ts';
import { federationInboundMigrations } from './features/federation-inbound/index.ts';
import { federationOutboundMigrations } from './features/federation-outbound/index.ts';
import { filtersMigrations } from './features/filters/index.ts';
import { incomingEventsMigrations } from './features/incoming-events/index.ts';
import { invitedRoomsMigrations } from './features/invited-rooms/index.ts';
import { keyBackupMigrations } from './features/key-backup/index.ts';
import { mediaMigrations } from './features/media/index.ts';
import { namesMigrations } from './features/names/index.ts';
import { openIdMigrations } from './features/openid/index.ts';
import { partialRoomsMigrations } from './features/partial-rooms/index.ts';
import { presenceMigrations } from './features/presence/index.ts';
import { profilesMigrations } from './features/profiles/index.ts';
import { registrationMigrations } from './features/registration/index.ts';
import { pushRulesMigrations } from './features/push-rules/index.ts';
import { receiptsMigrations } from './features/receipts/index.ts';
import { relationsMigrations } from './features/relations/index.ts';
import { remoteDevicesMigrations } from './features/remote-devices/index.ts';
import { roomMembersMigrations } from './features/room-members/index.ts';
import { roomServersMigrations } from './features/room-servers/index.ts';
import { serverKeysMigrations } from './features/server-keys/index.ts';
import { searchMigrations } from './features/search/index.ts';
import { serverNameMigrations } from './features/server-name/index.ts';
import { serverNoticesMigrations } from './features/server-notices/index.ts';
import { sessionsMigrations } from './features/sessions/index.ts';
import { stateMapMigrations } from './features/state-map/index.ts';
import { timelineMigrations } from './features/timeline/index.ts';
import { toDeviceMigrations } from './features/to-device/index.ts';
import { userDirectoryMigrations } from './features/user-directory/index.ts';
import { userInteractiveAuthMigrations } from './features/user-interactive-auth/index.ts';

/** Every step of the schema, in order; a released one never changes. */
export const allMigrations: readonly Migration[] = [
  ...serverNameMigrations,
  ...namesMigrations,
  ...stateMapMigrations,
  ...eventsMigrations,
  ...authGraphMigrations,
  ...timelineMigrations,
  ...roomMembersMigrations,
  ...roomServersMigrations,
  ...invitedRoomsMigrations,
  ...clientEventsMigrations,
  ...accountsMigrations,
  ...devicesMigrations,
  ...sessionsMigrations,
  ...userInteractiveAuthMigrations,
  ...registrationMigrations,
  ...profilesMigrations,
  ...openIdMigrations,
  ...directoryMigrations,
  ...userDirectoryMigrations,
  ...filtersMigrations,
  ...relationsMigrations,
  ...accountDataMigrations,
  ...pushRulesMigrations,
  ...receiptsMigrations,
  ...presenceMigrations,
  ...encryptionKeysMigrations,
  ...remoteDevicesMigrations,
  ...toDeviceMigrations,
  ...keyBackupMigrations,
  ...mediaMigrations,
  ...searchMigrations,
  ...serverNoticesMigrations,
  ...destinationsMigrations,
  ...federationOutboundMigrations,
  ...federationInboundMigrations,
  ...serverKeysMigrations,
  ...partialRoomsMigrations,
  ...incomingEventsMigrations,
];
