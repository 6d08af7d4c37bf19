import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

/** Application services also make devices with it, and then get a 201. Application Service API, Device management. */
export const updateDevice = endpoint({
  id: 'updateDevice',
  summary: 'Name a device',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/devices/:deviceId'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ deviceId: Type.String() }),
  query: nothing,
  body: Type.Object({ display_name: Type.Optional(nullable(Type.String())) }),
  response: emptyObject,
});
