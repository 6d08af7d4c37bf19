export { EduHandlers, type EduHandler } from './edu-handlers.ts';
export { InboundTransactions } from './inbound-transactions.ts';
export { federationInboundRoutes } from './routes.ts';
