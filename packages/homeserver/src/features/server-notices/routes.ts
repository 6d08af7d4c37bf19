import { sendServerNotice, sendServerNoticeWithTransaction } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { sendServerNoticeHandler, sendServerNoticeWithTransactionHandler } from './handlers/send-server-notice.ts';
import type { ServerNotices } from './server-notices.ts';

export function serverNoticesRoutes(notices: ServerNotices): Route[] {
  return [
    route(sendServerNotice, sendServerNoticeHandler(notices)),
    route(sendServerNoticeWithTransaction, sendServerNoticeWithTransactionHandler(notices)),
  ];
}
