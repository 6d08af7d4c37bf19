import type { setPushRule } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { PushRules } from '../push-rules.ts';

export function setPushRuleHandler(rules: PushRules): Handler<typeof setPushRule> {
  return async ({ params, query, body, requester }) => {
    const place = { before: query.before || undefined, after: query.after || undefined };
    await rules.put(requester.user, params.kind, params.ruleId, body as JsonObject, place);
    return {};
  };
}
