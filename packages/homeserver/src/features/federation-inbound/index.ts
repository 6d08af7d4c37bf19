export { EduHandlers, type EduHandler } from './edu-handlers.ts';
export {
  InboundTransactions,
  type EventsFromOutside,
  type Transaction,
  type TransactionResult,
} from './inbound-transactions.ts';
export { OriginLimiter, type OriginLimits } from './origin-limiter.ts';
export { federationInboundRoutes } from './routes.ts';
