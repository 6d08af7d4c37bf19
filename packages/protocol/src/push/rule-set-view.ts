import type { JsonObject } from '../json/value.ts';
import { defaultRules, type DefaultRule, type OwnCondition, type OwnValue } from './default-rules.ts';
import {
  pushRuleKinds,
  ruleKey,
  type CustomPushRule,
  type PushCondition,
  type PushRule,
  type PushRuleKind,
  type PushRuleSet,
  type PushRuleset,
} from './types.ts';

/** All rules of a user as `GET /pushrules/global/` and the account data m.push_rules show them. */
export function pushRulesetOf(ruleSet: PushRuleSet, userId: string): PushRuleset {
  const rules = {} as Record<PushRuleKind, PushRule[]>;
  for (const kind of pushRuleKinds) {
    const { before, behind } = defaultRules(kind);
    const showDefault = (rule: DefaultRule): PushRule => showDefaultRule(ruleSet, rule, userId);
    rules[kind] = [
      ...before.map(showDefault),
      ...(ruleSet.custom[kind] ?? []).map((rule) => showCustomRule(ruleSet, kind, rule)),
      ...behind.map(showDefault),
    ];
  }
  return rules;
}

/** One rule as the client API shows it; undefined if there is none. */
export function pushRuleOf(
  ruleSet: PushRuleSet,
  userId: string,
  kind: PushRuleKind,
  ruleId: string,
): PushRule | undefined {
  return pushRulesetOf(ruleSet, userId)[kind].find((rule) => rule.rule_id === ruleId);
}

/** Whether a rule is on: as the user switched it, else default rules as they are defined, and the user's own on. */
export function isRuleEnabled(ruleSet: PushRuleSet, kind: PushRuleKind, rule: DefaultRule | CustomPushRule): boolean {
  const key = ruleKey(kind, rule.rule_id);
  if (Object.hasOwn(ruleSet.enabled, key)) return ruleSet.enabled[key] as boolean;
  return 'enabled' in rule ? rule.enabled : true;
}

/** The actions of a default rule, as the user may have changed them. */
export function actionsOfDefaultRule(ruleSet: PushRuleSet, rule: DefaultRule): PushRule['actions'] {
  const key = ruleKey(rule.kind, rule.rule_id);
  return Object.hasOwn(ruleSet.actions, key) ? (ruleSet.actions[key] as PushRule['actions']) : rule.actions;
}

export function ownValueOf(userId: string, own: OwnValue): string {
  if (own === 'user_id') return userId;
  const colon = userId.indexOf(':');
  return userId.slice(1, colon === -1 ? undefined : colon);
}

export function isOwnCondition(condition: PushCondition | OwnCondition): condition is OwnCondition {
  return 'own' in condition;
}

function showDefaultRule(ruleSet: PushRuleSet, rule: DefaultRule, userId: string): PushRule {
  const conditions = rule.conditions.map((condition) => showCondition(condition, userId));
  const shown = {
    rule_id: rule.rule_id,
    default: true,
    enabled: isRuleEnabled(ruleSet, rule.kind, rule),
    actions: actionsOfDefaultRule(ruleSet, rule),
  };
  if (rule.kind !== 'content') return { ...shown, conditions };
  return { ...shown, pattern: conditions[0]?.['pattern'] as string };
}

function showCondition(condition: PushCondition | OwnCondition, userId: string): JsonObject {
  if (!isOwnCondition(condition)) return condition;
  const { kind, key, own } = condition;
  const value = ownValueOf(userId, own);
  return kind === 'event_match' ? { kind, key, pattern: value } : { kind, key, value };
}

function showCustomRule(ruleSet: PushRuleSet, kind: PushRuleKind, rule: CustomPushRule): PushRule {
  return { ...rule, default: false, enabled: isRuleEnabled(ruleSet, kind, rule) };
}
