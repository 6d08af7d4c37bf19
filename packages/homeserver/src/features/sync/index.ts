export { createSync, type SyncNeeds } from './create-sync.ts';
export { noSources } from './no-sources.ts';
export { RoomSummaries } from './room-summary.ts';
export { syncRoutes } from './routes.ts';
export type {
  AccountDataSource,
  BundleSource,
  EncryptionSource,
  PresenceSource,
  ReceiptSource,
  SyncSources,
  ToDeviceSource,
  TypingSource,
  UnreadCounts,
  UnreadSource,
} from './sources.ts';
export { SyncService } from './sync-service.ts';
export { parseSyncToken, syncToken } from './sync-token.ts';
