import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { InboundTransactions } from '../inbound-transactions.ts';

export function sendTransactionHandler(transactions: InboundTransactions): Handler<typeof federation.sendTransaction> {
  return async ({ params, body, origin }) =>
    rawJson(`{"pdus":${await transactions.receive(origin, params.txnId, body)}}`);
}
