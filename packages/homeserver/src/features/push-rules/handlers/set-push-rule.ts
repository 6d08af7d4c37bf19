import { MatrixError, type setPushRule } from '@myelin/api';
import { isPushRuleKind, type JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { PushRules } from '../push-rules.ts';

export function setPushRuleHandler(rules: PushRules): Handler<typeof setPushRule> {
  return async ({ params, query, body, requester }) => {
    const place = { before: query.before || undefined, after: query.after || undefined };
    const { kind } = params;
    if (!isPushRuleKind(kind)) throw new MatrixError('M_INVALID_PARAM', 'There are no push rules of this kind');
    await rules.put(requester.user, kind, params.ruleId, body as JsonObject, place);
    return {};
  };
}
