import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushActions, pushRuleParams } from '../shapes/push-rules.ts';

export const getPushRuleActions = endpoint({
  id: 'getPushRuleActions',
  summary: 'What a push rule does',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId/actions'),
  auth: 'user',
  rateLimit: 'none',
  params: pushRuleParams,
  query: nothing,
  body: undefined,
  response: Type.Object({ actions: pushActions }),
});
