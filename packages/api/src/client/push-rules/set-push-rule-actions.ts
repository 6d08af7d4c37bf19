import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushActions, pushRuleParams } from '../shapes/push-rules.ts';

export const setPushRuleActions = endpoint({
  id: 'setPushRuleActions',
  summary: 'Change what a push rule does',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId/actions'),
  auth: 'user',
  rateLimit: 'none',
  params: pushRuleParams,
  query: nothing,
  body: Type.Object({ actions: pushActions }),
  response: emptyObject,
});
