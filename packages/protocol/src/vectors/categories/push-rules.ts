import type { JsonObject } from '../../json/value.ts';
import { compilePushRules } from '../../push/push-rules.ts';
import { PushEvent } from '../../push/push-event.ts';
import type { CustomPushRule, PushAction, PushRuleKind, PushRuleSet } from '../../push/types.ts';
import type { Category, Vector } from '../category.ts';
import { causeOfDispute } from '../push-rules-dispute.ts';

function ruleSetOf(input: JsonObject): PushRuleSet {
  const custom: Partial<Record<PushRuleKind, CustomPushRule[]>> = {};
  for (const value of input['custom_rules'] as JsonObject[]) {
    const { kind, ...rule } = value as unknown as CustomPushRule & { kind: PushRuleKind };
    (custom[kind] ??= []).push(rule);
  }
  return {
    custom,
    enabled: (input['enabled'] ?? {}) as Record<string, boolean>,
    actions: (input['default_actions_changed'] ?? {}) as Record<string, PushAction[]>,
  };
}

export const pushRulesVectors: Category = {
  name: 'push-rules',
  answer({ input }: Vector): JsonObject {
    const evaluate = compilePushRules(ruleSetOf(input), input['user_id'] as string);
    const event = new PushEvent(input['event'] as JsonObject, {
      roomMemberCount: input['room_member_count'] as number,
      senderPowerLevel: input['sender_power_level'] as number | null,
      notificationLevels: input['notification_levels'] as JsonObject,
    });
    const { kind, ruleId, actions } = evaluate(event, input['display_name'] as string | null);
    const answer = { rule_id: ruleId, actions: [...actions] };
    return kind === null ? answer : { ...answer, kind };
  },
  facts: (vector, answer) => ({ cause: causeOfDispute(vector, answer) }),
};
