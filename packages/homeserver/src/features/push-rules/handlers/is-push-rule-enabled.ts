import type { isPushRuleEnabled } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function isPushRuleEnabledHandler(rules: PushRules): Handler<typeof isPushRuleEnabled> {
  return async ({ params, requester }) => ({
    enabled: (await rules.one(requester.user, knownKind(params.kind), params.ruleId)).enabled,
  });
}
