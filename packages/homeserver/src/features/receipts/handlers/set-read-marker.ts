import type { setReadMarker } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Receipts } from '../receipts.ts';

export function setReadMarkerHandler(receipts: Receipts): Handler<typeof setReadMarker> {
  return async ({ params, body, requester }) => {
    // Clients send empty ids for what they don't want to mark.
    await receipts.mark(requester, params.roomId, {
      'm.fully_read': body['m.fully_read'] || undefined,
      'm.read': body['m.read'] || undefined,
      'm.read.private': body['m.read.private'] || undefined,
    });
    return {};
  };
}
