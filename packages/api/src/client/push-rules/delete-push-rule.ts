import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRuleParams } from '../shapes/push-rules.ts';

export const deletePushRule = endpoint({
  id: 'deletePushRule',
  summary: 'Remove a push rule',
  source: 'client-server',
  method: 'DELETE',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId'),
  auth: 'user',
  rateLimit: 'none',
  params: pushRuleParams,
  query: nothing,
  body: undefined,
  response: emptyObject,
});
