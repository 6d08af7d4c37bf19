import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { CustomPushRule, PushAction, PushCondition, PushRuleKind } from './types.ts';

/** Bounds of what a user may store: events are evaluated against these rules for every reader of a room. */
export const pushRuleLimits = {
  /** Rules of kinds override, content and underride are tried one by one. */
  rulesTriedOneByOne: 1000,
  /** Rules of kinds room and sender are looked up. */
  rulesLookedUp: 5000,
  conditions: 50,
  actions: 20,
  /** UTF-16 units. */
  ruleId: 1024,
  pattern: 1024,
  /** UTF-16 units of a rule's JSON. */
  ruleText: 16_384,
} as const;

/** Why push rules weren't changed. `code` is a Matrix error code; M_NOT_FOUND is a 404, the others are 400s. */
export class PushRuleError extends Error {
  readonly code: 'M_NOT_FOUND' | 'M_UNKNOWN' | 'M_MISSING_PARAM' | 'M_INVALID_PARAM';

  constructor(code: PushRuleError['code'], message: string) {
    super(message);
    this.name = 'PushRuleError';
    this.code = code;
  }
}

function invalid(message: string): PushRuleError {
  return new PushRuleError('M_INVALID_PARAM', message);
}

/** Throws PushRuleError unless a user may make a rule with this id (`PUT /pushrules/global/{kind}/{ruleId}`). */
export function checkRuleId(ruleId: string): void {
  if (ruleId === '') throw invalid('The rule id is empty');
  if (ruleId.startsWith('.')) throw invalid("Rule ids that start with '.' are reserved for default rules");
  if (/[/\\]/.test(ruleId)) throw invalid('Rule ids may not contain slashes or backslashes');
  if (ruleId.length > pushRuleLimits.ruleId) throw invalid('The rule id is too long');
}

/** The rule that a request body describes. Members that its kind doesn't know are left out. Throws PushRuleError. */
export function readRule(kind: PushRuleKind, ruleId: string, body: JsonObject): CustomPushRule {
  checkRuleId(ruleId);
  const rule = readRuleOfKind(kind, ruleId, body);
  if (JSON.stringify(rule).length > pushRuleLimits.ruleText) throw invalid('The rule is too large');
  return rule;
}

function readRuleOfKind(kind: PushRuleKind, ruleId: string, body: JsonObject): CustomPushRule {
  const actions = readActions(body['actions']);
  switch (kind) {
    case 'override':
    case 'underride':
      return { rule_id: ruleId, actions, conditions: readConditions(body['conditions']) };
    case 'content':
      return { rule_id: ruleId, actions, pattern: readPattern(body['pattern']) };
    case 'room':
    case 'sender':
      return { rule_id: ruleId, actions };
  }
}

/** Throws PushRuleError unless these are actions that the specification knows, historical ones included. */
export function readActions(actions: JsonValue | undefined): PushAction[] {
  if (actions === undefined) throw new PushRuleError('M_MISSING_PARAM', "Missing 'actions'");
  if (!Array.isArray(actions)) throw invalid("'actions' must be a list");
  if (actions.length > pushRuleLimits.actions) throw invalid('There are too many actions');
  for (const action of actions) if (!isAction(action)) throw invalid('There is an unknown action');
  return actions as PushAction[];
}

function isAction(action: JsonValue): boolean {
  if (isJsonObject(action)) return typeof action['set_tweak'] === 'string';
  return action === 'notify' || action === 'dont_notify' || action === 'coalesce';
}

/** A missing list is an empty one: such a rule always matches. */
function readConditions(conditions: JsonValue | undefined): PushCondition[] {
  if (conditions === undefined) return [];
  if (!Array.isArray(conditions)) throw invalid("'conditions' must be a list");
  if (conditions.length > pushRuleLimits.conditions) throw invalid('There are too many conditions');
  for (const condition of conditions) {
    if (!isJsonObject(condition) || typeof condition['kind'] !== 'string') {
      throw invalid("Each condition must be an object with a 'kind'");
    }
    if (typeof condition['pattern'] === 'string') readPattern(condition['pattern']);
  }
  return conditions as PushCondition[];
}

function readPattern(pattern: JsonValue | undefined): string {
  if (pattern === undefined) throw new PushRuleError('M_MISSING_PARAM', "Missing 'pattern'");
  if (typeof pattern !== 'string') throw invalid("'pattern' must be a string");
  if (pattern.length > pushRuleLimits.pattern) throw invalid('The pattern is too long');
  return pattern;
}
