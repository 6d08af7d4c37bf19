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
export { PresenceSender, type LocalPresence } from './presence-sender.ts';
export { ReceiptSender } from './receipt-sender.ts';
export { TypingSender } from './typing-sender.ts';
