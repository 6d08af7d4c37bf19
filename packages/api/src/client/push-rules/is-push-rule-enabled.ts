import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRuleParams } from '../shapes/push-rules.ts';

export const isPushRuleEnabled = endpoint({
  id: 'isPushRuleEnabled',
  summary: 'Is a push rule on',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId/enabled'),
  auth: 'user',
  rateLimit: 'none',
  params: pushRuleParams,
  query: nothing,
  body: undefined,
  response: Type.Object({ enabled: Type.Boolean() }),
});
