import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, jsonObject, largeBody, mapOf, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

/** By user, then by device or `*` for all of them. */
export const sendToDevice = endpoint({
  id: 'sendToDevice',
  summary: 'Send messages to devices',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/sendToDevice/:eventType/:txnId'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ eventType: Type.String(), txnId: Type.String() }),
  query: nothing,
  body: Type.Object({ messages: mapOf(mapOf(jsonObject)) }),
  response: emptyObject,
  bodyLimit: largeBody,
});
