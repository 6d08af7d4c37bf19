import type { getPushRulesGlobal } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { PushRules } from '../push-rules.ts';

export function getPushRulesGlobalHandler(rules: PushRules): Handler<typeof getPushRulesGlobal> {
  return async ({ requester }) => rawJson(JSON.stringify(await rules.shown(requester.user)));
}
