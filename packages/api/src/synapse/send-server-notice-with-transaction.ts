import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';
import { serverNotice } from './send-server-notice.ts';

export const sendServerNoticeWithTransaction = endpoint({
  id: 'sendServerNoticeWithTransaction',
  summary: 'Send a notice of the server to a user, once',
  source: 'synapse',
  method: 'PUT',
  paths: ['/_synapse/admin/v1/send_server_notice/:txnId'],
  auth: 'admin',
  rateLimit: 'none',
  params: Type.Object({ txnId: Type.String() }),
  query: nothing,
  body: serverNotice,
  response: Type.Object({ event_id: Type.String() }),
});
