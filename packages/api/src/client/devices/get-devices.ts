import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { device } from '../shapes/devices.ts';

export const getDevices = endpoint({
  id: 'getDevices',
  summary: 'The devices of the account',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/devices'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ devices: Type.Array(device) }),
});
