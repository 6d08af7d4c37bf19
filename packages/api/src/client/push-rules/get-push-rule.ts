import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRule, pushRuleParams } from '../shapes/push-rules.ts';

export const getPushRule = endpoint({
  id: 'getPushRule',
  summary: 'A push rule',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId'),
  auth: 'user',
  rateLimit: 'none',
  params: pushRuleParams,
  query: nothing,
  body: undefined,
  response: pushRule,
});
