import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRuleset } from '../shapes/push-rules.ts';

export const getPushRules = endpoint({
  id: 'getPushRules',
  summary: 'The push rules',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/pushrules/'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ global: pushRuleset }),
});
