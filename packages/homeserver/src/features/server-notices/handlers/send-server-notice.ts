import type { BodyOf, sendServerNotice, sendServerNoticeWithTransaction } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { Notice, ServerNotices } from '../server-notices.ts';

export function sendServerNoticeHandler(notices: ServerNotices): Handler<typeof sendServerNotice> {
  return async ({ body }) => ({ event_id: await notices.send(body.user_id, noticeIn(body)) });
}

/** The same transaction id again sends nothing. */
export function sendServerNoticeWithTransactionHandler(
  notices: ServerNotices,
): Handler<typeof sendServerNoticeWithTransaction> {
  return async ({ body, params, requester }) => ({
    event_id: await notices.send(body.user_id, noticeIn(body), `${requester.token}/${params.txnId}`),
  });
}

function noticeIn({ type, state_key: stateKey, content }: BodyOf<typeof sendServerNotice>): Notice {
  return { type: type ?? 'm.room.message', stateKey: stateKey ?? undefined, content: content as JsonObject };
}
