export { createFederationOutbound } from './create-federation-outbound.ts';
export type { EduSender } from './edu-sender.ts';
export type { Farewells } from './farewells.ts';
export { federationOutboundMigrations } from './migrations.ts';
export { MissedDeviceLists } from './missed-device-lists.ts';
export { PresenceSender } from './presence-sender.ts';
export { ReceiptSender } from './receipt-sender.ts';
export { TypingSender } from './typing-sender.ts';
