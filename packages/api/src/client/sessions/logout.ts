import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const logout = endpoint({
  id: 'logout',
  summary: 'Log this device out',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/logout'),
  auth: 'user-even-locked',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: emptyObject,
});
