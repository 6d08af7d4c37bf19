import { federation } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { sendTransactionHandler } from './handlers/send-transaction.ts';
import type { InboundTransactions } from './inbound-transactions.ts';

export function federationInboundRoutes(transactions: InboundTransactions): Route[] {
  return [route(federation.sendTransaction, sendTransactionHandler(transactions))];
}
