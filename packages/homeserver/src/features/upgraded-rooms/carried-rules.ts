import {
  isJsonObject,
  putRule,
  setRuleEnabled,
  type CustomPushRule,
  type JsonObject,
  type PushRuleKind,
  type PushRuleSet,
} from '@myelin/protocol';

/** Rules about one room, with the same rules about another besides. Gives back `rules` itself if there are none. */
export function withRulesForRoom(rules: PushRuleSet, oldRoomId: string, newRoomId: string): PushRuleSet {
  let edited = rules;
  for (const kind of ['override', 'room', 'underride'] as const) {
    // From the least important on, because each new rule becomes the most important.
    for (const rule of rules.custom[kind]?.toReversed() ?? []) {
      if (!isAbout(rule, kind, oldRoomId) || rules.custom[kind]?.some((other) => other.rule_id === newRoomId)) continue;
      edited = putRule(edited, kind, newRoomId, ruleBody(rule, oldRoomId, newRoomId));
      if (rules.enabled[`${kind}/${rule.rule_id}`] === false) edited = setRuleEnabled(edited, kind, newRoomId, false);
    }
  }
  return edited;
}

function isAbout(rule: CustomPushRule, kind: PushRuleKind, roomId: string): boolean {
  if (kind === 'room') return rule.rule_id === roomId;
  return rule.conditions?.some((condition) => names(condition, roomId)) ?? false;
}

function names(condition: JsonObject, roomId: string): boolean {
  return condition['kind'] === 'event_match' && condition['key'] === 'room_id' && condition['pattern'] === roomId;
}

function ruleBody({ actions, conditions }: CustomPushRule, oldRoomId: string, newRoomId: string): JsonObject {
  const moved = conditions?.map((condition) =>
    isJsonObject(condition) && names(condition, oldRoomId) ? { ...condition, pattern: newRoomId } : condition,
  );
  return { actions: [...actions], ...(moved ? { conditions: moved } : {}) };
}
