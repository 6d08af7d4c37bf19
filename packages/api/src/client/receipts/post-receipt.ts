import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, oneOf } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const postReceipt = endpoint({
  id: 'postReceipt',
  summary: 'Say how far one has read',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/rooms/:roomId/receipt/:receiptType/:eventId'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({
    roomId: Type.String(),
    receiptType: oneOf(['m.read', 'm.read.private', 'm.fully_read']),
    eventId: Type.String(),
  }),
  query: nothing,
  body: Type.Object({ thread_id: Type.Optional(Type.String({ minLength: 1 })) }),
  response: emptyObject,
  allowEmptyBody: true,
});
