import { MatrixError, type postReceipt } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Receipts } from '../receipts.ts';

export function postReceiptHandler(receipts: Receipts): Handler<typeof postReceipt> {
  return async ({ params, body, requester }) => {
    const { roomId, receiptType, eventId } = params;
    if (receiptType !== 'm.fully_read') await receipts.post(requester, roomId, receiptType, eventId, body.thread_id);
    else if (body.thread_id === undefined) await receipts.mark(requester, roomId, { 'm.fully_read': eventId });
    else throw new MatrixError('M_INVALID_PARAM', 'Fully read markers have no threads');
    return {};
  };
}
