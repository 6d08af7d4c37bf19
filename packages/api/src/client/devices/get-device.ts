import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { device } from '../shapes/devices.ts';

export const getDevice = endpoint({
  id: 'getDevice',
  summary: 'A device of the account',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/devices/:deviceId'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ deviceId: Type.String() }),
  query: nothing,
  body: undefined,
  response: device,
});
