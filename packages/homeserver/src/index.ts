export * from './config/index.ts';
export { Passwords } from './features/accounts/index.ts';
export { MemoryMediaFiles, type MediaFiles } from './features/media/index.ts';
export { createLog, silentLog, type Log } from './observability/log.ts';
export { openLog, type OpenLog } from './observability/open-log.ts';
export {
  InProcessServer,
  noLimits,
  type InProcessCall,
  type Patience,
  type RawRequest,
  type RawResponse,
} from './http/index.ts';
export {
  FederationError,
  type FederationRequest,
  type FederationResponse,
  type FederationTransport,
} from './features/federation-client/index.ts';
export { allMigrations } from './migrations.ts';
export {
  assembleServer,
  schemaVersions,
  startServer,
  type Assembly,
  type RunningServer,
  type StartOptions,
} from './server.ts';
export { openExplainer } from './open-explainer.ts';
export type {
  Check,
  CheckName,
  EventExplainer,
  EventExplanation,
  EventMention,
  ReplayedEvent,
  ResolutionAccount,
} from './features/event-explanations/index.ts';
export { userAgentOf } from './federation-http.ts';
export { fetchWellKnown, ServerDiscovery, type Place } from './features/server-discovery/index.ts';
export { checkKeyAnswer } from './features/server-keys/index.ts';
