export { AnsweredTransactions } from './answered-transactions.ts';
export { EduHandlers, type EduHandler } from './edu-handlers.ts';
export { inboundMetrics } from './inbound-metrics.ts';
export { InboundTransactions } from './inbound-transactions.ts';
export { LateEvents } from './late-events.ts';
export { federationInboundMigrations } from './migrations.ts';
export { federationInboundRoutes } from './routes.ts';
