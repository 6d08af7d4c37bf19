export { createSync } from './create-sync.ts';
export { noSources } from './no-sources.ts';
export { RoomSummaries } from './room-summary.ts';
export { syncRoutes } from './routes.ts';
export type {
  AccountDataSource,
  EncryptionSource,
  PresenceSource,
  ReceiptSource,
  SyncSources,
  ToDeviceSource,
  TypingSource,
  UnreadCounts,
  UnreadSource,
} from './sources.ts';
export { parseSyncToken } from './sync-token.ts';
