import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** Empty where no TURN server is configured; guests where `turn_allow_guests` says so. */
export const getTurnServer = endpoint({
  id: 'getTurnServer',
  summary: 'Credentials of the TURN server',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/voip/turnServer'),
  auth: 'user-or-guest',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: undefined,
  response: jsonObject,
});
