export { EduHandlers, type EduHandler } from './edu-handlers.ts';
export { InboundTransactions } from './inbound-transactions.ts';
export { OriginLimiter } from './origin-limiter.ts';
export { federationInboundRoutes } from './routes.ts';
