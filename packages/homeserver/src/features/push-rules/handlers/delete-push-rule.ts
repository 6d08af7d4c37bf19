import type { deletePushRule } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function deletePushRuleHandler(rules: PushRules): Handler<typeof deletePushRule> {
  return async ({ params, requester }) => {
    await rules.delete(requester.user, knownKind(params.kind), params.ruleId);
    return {};
  };
}
