import type { getPushRulesOfKind } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import { knownKind } from '../known-kind.ts';
import type { PushRules } from '../push-rules.ts';

export function getPushRulesOfKindHandler(rules: PushRules): Handler<typeof getPushRulesOfKind> {
  return async ({ params, requester }) =>
    rawJson(JSON.stringify((await rules.shown(requester.user))[knownKind(params.kind)]));
}
