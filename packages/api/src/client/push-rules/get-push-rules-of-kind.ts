import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { pushRule } from '../shapes/push-rules.ts';

export const getPushRulesOfKind = endpoint({
  id: 'getPushRulesOfKind',
  summary: 'The push rules of a kind',
  source: 'synapse',
  method: 'GET',
  paths: oldClientPaths('/pushrules/global/:kind/'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ kind: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Array(pushRule),
});
