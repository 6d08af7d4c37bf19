import { getOwn, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json/value.ts';
import { parsePropertyPath, valueAt } from '../matching/property-path.ts';
import { emptyPushRuleSet, pushRuleKinds, type PushRule, type PushRuleKind } from '../push/types.ts';
import { pushRulesetOf } from '../push/rule-set-view.ts';
import type { Vector } from './category.ts';

type Rule = Pick<PushRule, 'rule_id' | 'conditions' | 'pattern'> & { readonly kind: PushRuleKind };

/**
 * Why Synapse and we choose different rules for an event: of the two rules the more important one matched for one side
 * only, and something about it and the event tells why. Empty: nothing that is known.
 */
export function causeOfDispute({ input, expect }: Vector, answer: JsonObject): string {
  const rules = rulesInOrder(input);
  const ours = indexOf(rules, answer);
  const theirs = indexOf(rules, expect);
  const rule = rules[Math.min(ours, theirs)];
  if (!rule || ours === theirs) return '';
  const event = input['event'] as JsonObject;
  const onlySynapse = theirs < ours;
  if (rule.kind === 'room') return onlySynapse && event['room_id'] !== rule.rule_id ? 'room-rule-as-glob' : '';
  if (rule.kind === 'sender') return !onlySynapse && event['sender'] === rule.rule_id ? 'sender-rule' : '';
  return onlySynapse ? causeOfSynapseMatch(rule, input) : causeOfOwnMatch(rule, event);
}

function causeOfSynapseMatch(rule: Rule, input: JsonObject): string {
  const patterns = [rule.pattern, ...(rule.conditions ?? []).map(({ pattern }) => pattern)];
  if (patterns.some((pattern) => typeof pattern === 'string' && /[σςΣ]/.test(pattern))) return 'final-sigma';
  const conditions = rule.conditions ?? [];
  const name = input['display_name'];
  const asksForName = conditions.some(({ kind }) => kind === 'contains_display_name');
  if (asksForName && typeof name === 'string' && /[*?]/.test(name)) return 'display-name-as-glob';
  if (conditions.some(({ value }) => value instanceof JsonNumber && value.isInteger)) return 'integer-out-of-range';
  return '';
}

function causeOfOwnMatch(rule: Rule, event: JsonObject): string {
  const globs = (rule.conditions ?? []).filter(({ kind }) => kind === 'event_match');
  const key = (condition: JsonObject): string => (typeof condition['key'] === 'string' ? condition['key'] : '');
  const texts = globs.map((condition) => valueAt(event, parsePropertyPath(key(condition))));
  if ((rule.conditions ?? []).some((condition) => /\\(?![.\\])/.test(key(condition).replaceAll('\\\\', '')))) {
    return 'backslash-in-key';
  }
  const readsBody =
    rule.kind === 'content' ||
    (rule.conditions ?? []).some((one) => one['kind'] === 'contains_display_name' || key(one) === 'content.body');
  const body = valueAt(event, ['content', 'body']);
  if (readsBody && hasForeignWordCharacter(body)) return 'word-of-other-letters';
  if ([...texts, ...(readsBody ? [body] : [])].some((text) => typeof text === 'string' && text.includes('\n'))) {
    return 'line-break';
  }
  return '';
}

/** Letters, digits, marks and connectors that aren't ASCII: word characters for Synapse only. */
function hasForeignWordCharacter(text: JsonValue | undefined): boolean {
  return (
    typeof text === 'string' && /[^\0-\x7f]/.test(text) && /(?![\0-\x7f])[\p{L}\p{N}\p{M}\p{Pc}\p{Join_C}]/u.test(text)
  );
}

function rulesInOrder(input: JsonObject): Rule[] {
  const defaults = pushRulesetOf(emptyPushRuleSet, input['user_id'] as string);
  const custom = (input['custom_rules'] as JsonValue[]).filter(isJsonObject) as unknown as Rule[];
  return pushRuleKinds.flatMap((kind) => {
    const [first, ...others] = defaults[kind].map((rule) => ({ ...rule, kind }));
    const own = custom.filter((rule) => rule.kind === kind);
    if (kind === 'override') return [first as Rule, ...own, ...others];
    return first ? [...own, first, ...others] : own;
  });
}

/** Where the rule that an answer names stands; behind all where it names none. */
function indexOf(rules: readonly Rule[], answer: JsonObject): number {
  const index = rules.findIndex(
    (rule) => rule.rule_id === getOwn(answer, 'rule_id') && rule.kind === getOwn(answer, 'kind'),
  );
  return index === -1 ? rules.length : index;
}
