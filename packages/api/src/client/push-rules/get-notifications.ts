import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { syncEvent } from '../shapes/events.ts';
import { pushActions } from '../shapes/push-rules.ts';

export const getNotifications = endpoint({
  id: 'getNotifications',
  summary: 'What one was notified of',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/notifications'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    from: Type.Optional(Type.String()),
    limit: Type.Optional(count),
    only: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: Type.Object({
    next_token: Type.Optional(Type.String()),
    notifications: Type.Array(
      Type.Object({
        actions: pushActions,
        event: syncEvent,
        profile_tag: Type.Optional(nullable(Type.String())),
        read: Type.Boolean(),
        room_id: Type.String(),
        ts: count,
      }),
    ),
  }),
});
