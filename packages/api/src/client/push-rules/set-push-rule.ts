import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushActions, pushConditions, pushRuleParams } from '../shapes/push-rules.ts';

/** Rules of the kinds override and underride need `conditions`, those of content `pattern`. */
export const setPushRule = endpoint({
  id: 'setPushRule',
  summary: 'Add or change a push rule',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/pushrules/global/:kind/:ruleId'),
  auth: 'user',
  rateLimit: 'client',
  params: pushRuleParams,
  query: Type.Object({ before: Type.Optional(Type.String()), after: Type.Optional(Type.String()) }),
  body: Type.Object({
    actions: pushActions,
    conditions: Type.Optional(pushConditions),
    pattern: Type.Optional(Type.String()),
  }),
  response: emptyObject,
});
