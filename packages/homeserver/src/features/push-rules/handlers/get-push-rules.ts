import type { getPushRules } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { PushRules } from '../push-rules.ts';

export function getPushRulesHandler(rules: PushRules): Handler<typeof getPushRules> {
  return async ({ requester }) => rawJson(await rules.content(requester.user));
}
