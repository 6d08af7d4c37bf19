import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, emptyObject, nothing, nullable } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** `timeout` in milliseconds. */
export const setTyping = endpoint({
  id: 'setTyping',
  summary: 'Say that one is typing, or no longer',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/rooms/:roomId/typing/:userId'),
  auth: 'user-or-guest',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String(), userId: Type.String() }),
  query: nothing,
  body: Type.Object({ typing: Type.Boolean(), timeout: Type.Optional(nullable(count)) }),
  response: emptyObject,
});
