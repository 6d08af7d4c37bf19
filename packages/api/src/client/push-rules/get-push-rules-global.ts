import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRuleset } from '../shapes/push-rules.ts';

export const getPushRulesGlobal = endpoint({
  id: 'getPushRulesGlobal',
  summary: 'The push rules of all devices',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/pushrules/global/'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: pushRuleset,
});
