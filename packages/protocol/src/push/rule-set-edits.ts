import { getOwn, type JsonObject } from '../json/value.ts';
import { findDefaultRule } from './default-rules.ts';
import { PushRuleError, pushRuleLimits, readActions, readRule } from './rule-validation.ts';
import { ruleKey, type CustomPushRule, type PushRuleKind, type PushRuleSet } from './types.ts';

/** Where a rule goes; `before` counts if both are given. Both name rules of the user, of the same kind. */
export interface RulePosition {
  /** Next more important than this rule. */
  readonly before?: string | undefined;
  /** Next less important than this rule. */
  readonly after?: string | undefined;
}

/**
 * Makes or replaces a rule (`PUT /pushrules/global/{kind}/{ruleId}`). Without a position a new rule becomes the most
 * important of the user's own, and a replaced one stays where it was. Throws PushRuleError.
 */
export function putRule(
  ruleSet: PushRuleSet,
  kind: PushRuleKind,
  ruleId: string,
  body: JsonObject,
  position: RulePosition = {},
): PushRuleSet {
  const rule = readRule(kind, ruleId, body);
  const rules = ruleSet.custom[kind] ?? [];
  const oldIndex = rules.findIndex((one) => one.rule_id === ruleId);
  if (oldIndex === -1 && rules.length >= mostRules(kind)) {
    throw new PushRuleError('M_INVALID_PARAM', 'There are too many push rules of this kind');
  }
  const others = rules.filter((one) => one.rule_id !== ruleId);
  const index = placeOf(others, Math.max(0, oldIndex), ruleId, position);
  const custom = { ...ruleSet.custom, [kind]: others.toSpliced(index, 0, rule) };
  // A new rule is on, whatever an earlier one with this id was.
  const enabled = oldIndex === -1 ? without(ruleSet.enabled, ruleKey(kind, ruleId)) : ruleSet.enabled;
  return { ...ruleSet, custom, enabled };
}

/** Removes a rule of the user; default rules can't be removed. Throws PushRuleError. */
export function deleteRule(ruleSet: PushRuleSet, kind: PushRuleKind, ruleId: string): PushRuleSet {
  const rules = ruleSet.custom[kind] ?? [];
  const kept = rules.filter((one) => one.rule_id !== ruleId);
  if (kept.length === rules.length) throw notFound();
  return {
    ...ruleSet,
    custom: { ...ruleSet.custom, [kind]: kept },
    enabled: without(ruleSet.enabled, ruleKey(kind, ruleId)),
  };
}

/** Switches a rule on or off. Throws PushRuleError. */
export function setRuleEnabled(
  ruleSet: PushRuleSet,
  kind: PushRuleKind,
  ruleId: string,
  enabled: boolean,
): PushRuleSet {
  if (!findDefaultRule(kind, ruleId) && !findCustomRule(ruleSet, kind, ruleId)) throw notFound();
  return { ...ruleSet, enabled: { ...ruleSet.enabled, [ruleKey(kind, ruleId)]: enabled } };
}

/** Changes the actions of a rule, default rules included. `body` is the request's. Throws PushRuleError. */
export function setRuleActions(
  ruleSet: PushRuleSet,
  kind: PushRuleKind,
  ruleId: string,
  body: JsonObject,
): PushRuleSet {
  const actions = readActions(getOwn(body, 'actions'));
  if (JSON.stringify(actions).length > pushRuleLimits.ruleText) {
    throw new PushRuleError('M_INVALID_PARAM', 'The actions are too large');
  }
  if (findDefaultRule(kind, ruleId)) {
    return { ...ruleSet, actions: { ...ruleSet.actions, [ruleKey(kind, ruleId)]: actions } };
  }
  if (!findCustomRule(ruleSet, kind, ruleId)) throw notFound();
  const rules = (ruleSet.custom[kind] ?? []).map((rule) => (rule.rule_id === ruleId ? { ...rule, actions } : rule));
  return { ...ruleSet, custom: { ...ruleSet.custom, [kind]: rules } };
}

/** A rule of the user; undefined if there is none. */
export function findCustomRule(ruleSet: PushRuleSet, kind: PushRuleKind, ruleId: string): CustomPushRule | undefined {
  return ruleSet.custom[kind]?.find((rule) => rule.rule_id === ruleId);
}

function placeOf(
  others: readonly CustomPushRule[],
  oldIndex: number,
  ruleId: string,
  { before, after }: RulePosition,
): number {
  const neighbour = before ?? after;
  if (neighbour === undefined || neighbour === ruleId) return oldIndex;
  const index = others.findIndex((rule) => rule.rule_id === neighbour);
  if (index === -1) throw new PushRuleError('M_UNKNOWN', `before/after rule not found: ${neighbour}`);
  return before === undefined ? index + 1 : index;
}

function mostRules(kind: PushRuleKind): number {
  return kind === 'room' || kind === 'sender' ? pushRuleLimits.rulesLookedUp : pushRuleLimits.rulesTriedOneByOne;
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, key)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}

function notFound(): PushRuleError {
  return new PushRuleError('M_NOT_FOUND', 'The push rule was not found');
}
