import type { getPushRuleActions } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function getPushRuleActionsHandler(rules: PushRules): Handler<typeof getPushRuleActions> {
  return async ({ params, requester }) => ({
    actions: [...(await rules.one(requester.user, knownKind(params.kind), params.ruleId)).actions],
  });
}
