export {
  createFederationOutbound,
  type FederationOutboundNeeds,
  type FederationSending,
  type OutboundSettings,
} from './create-federation-outbound.ts';
export type { DeviceFacts } from './device-updates.ts';
export type { Edu, EduSender } from './edu-sender.ts';
export type { Backoff, FederationOutbound } from './federation-outbound.ts';
export { federationOutboundMigrations } from './migrations.ts';
export type { EventRelay } from './outbound-events.ts';
