import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRuleParams } from '../shapes/push-rules.ts';

export const setPushRuleEnabled = endpoint({
  id: 'setPushRuleEnabled',
  summary: 'Switch a push rule on or off',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId/enabled'),
  auth: 'user',
  rateLimit: 'none',
  params: pushRuleParams,
  query: nothing,
  body: Type.Object({ enabled: Type.Boolean() }),
  response: emptyObject,
});
