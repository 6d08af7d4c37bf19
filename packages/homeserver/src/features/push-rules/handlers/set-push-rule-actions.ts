import type { setPushRuleActions } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function setPushRuleActionsHandler(rules: PushRules): Handler<typeof setPushRuleActions> {
  return async ({ params, body, requester }) => {
    await rules.setActions(requester.user, knownKind(params.kind), params.ruleId, body as JsonObject);
    return {};
  };
}
