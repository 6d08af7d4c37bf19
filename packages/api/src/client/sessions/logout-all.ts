import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const logoutAll = endpoint({
  id: 'logout_all',
  summary: 'Log every device out',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/logout/all'),
  auth: 'user-even-locked',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: emptyObject,
});
