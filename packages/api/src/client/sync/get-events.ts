import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** Two operations of the specification, getEvents and peekEvents, share the path; the latter gives `room_id`. */
export const getEvents = endpoint({
  id: 'getEvents',
  summary: 'What happens next (deprecated), or in a room that one peeks into',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/events'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    from: Type.Optional(Type.String()),
    timeout: Type.Optional(count),
    room_id: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: Type.Object({
    start: Type.Optional(Type.String()),
    end: Type.Optional(Type.String()),
    chunk: Type.Optional(Type.Array(jsonObject)),
  }),
});
