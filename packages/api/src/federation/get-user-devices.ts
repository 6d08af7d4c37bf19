import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { integer, nothing } from '../shared.ts';

/** The devices are looked at one by one. */
export const getUserDevices = endpoint({
  id: 'federation.getUserDevices',
  summary: 'The devices of a user',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/user/devices/:userId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({
    user_id: Type.String(),
    stream_id: integer,
    devices: Type.Array(Type.Unknown()),
    master_key: Type.Optional(Type.Unknown()),
    self_signing_key: Type.Optional(Type.Unknown()),
  }),
});
