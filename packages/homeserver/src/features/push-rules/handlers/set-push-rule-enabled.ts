import type { setPushRuleEnabled } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function setPushRuleEnabledHandler(rules: PushRules): Handler<typeof setPushRuleEnabled> {
  return async ({ params, body, requester }) => {
    await rules.setEnabled(requester.user, knownKind(params.kind), params.ruleId, body.enabled);
    return {};
  };
}
