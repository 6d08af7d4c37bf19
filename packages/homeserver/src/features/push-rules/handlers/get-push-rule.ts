import type { getPushRule } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function getPushRuleHandler(rules: PushRules): Handler<typeof getPushRule> {
  return async ({ params, requester }) =>
    rawJson(JSON.stringify(await rules.one(requester.user, knownKind(params.kind), params.ruleId)));
}
