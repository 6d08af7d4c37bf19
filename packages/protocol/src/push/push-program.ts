import { isJsonObject, type JsonValue } from '../json/value.ts';
import { compileCondition, type ReaderCondition, type SharedCondition } from './conditions.ts';
import { defaultRules, type DefaultRule } from './default-rules.ts';
import type { PushEvent } from './push-event.ts';
import type { PushReader } from './push-reader.ts';
import { actionsOfDefaultRule, isRuleEnabled } from './rule-set-view.ts';
import {
  noPush,
  pushRuleKinds,
  type CustomPushRule,
  type PushAction,
  type PushOutcome,
  type PushRuleKind,
  type PushRuleSet,
} from './types.ts';

/** A rule that depends on the reader, and whose other conditions hold. */
interface ReaderRule {
  readonly conditions: readonly ReaderCondition[];
  readonly outcome: PushOutcome;
}

/** What a rule set says about an event for all who have it: some rules to try for each reader, and else the outcome. */
export interface SharedVerdict {
  readonly forReaders: readonly ReaderRule[];
  readonly otherwise: PushOutcome;
}

interface CompiledRule {
  readonly shared: readonly SharedCondition[];
  readonly forReaders: readonly ReaderCondition[];
  readonly outcome: PushOutcome;
  readonly legacyMention: boolean;
}

/** Rules of kind room or sender, by the room or user that they are about. */
interface RuleIndex {
  readonly key: 'roomId' | 'sender';
  readonly outcomes: ReadonlyMap<string, PushOutcome>;
}

/** The enabled rules of a rule set, compiled, in order. It doesn't know whose they are. */
export class PushProgram {
  readonly #steps: readonly (CompiledRule | RuleIndex)[];

  constructor(ruleSet: PushRuleSet) {
    this.#steps = pushRuleKinds.flatMap((kind) => stepsOfKind(ruleSet, kind));
  }

  decide(event: PushEvent): SharedVerdict {
    const forReaders: ReaderRule[] = [];
    for (const step of this.#steps) {
      if ('key' in step) {
        const outcome = step.outcomes.get(event[step.key] as string);
        if (outcome) return { forReaders, otherwise: outcome };
      } else if (mayHold(step, event)) {
        if (step.forReaders.length === 0) return { forReaders, otherwise: step.outcome };
        forReaders.push({ conditions: step.forReaders, outcome: step.outcome });
      }
    }
    return { forReaders, otherwise: noPush };
  }

  evaluate(event: PushEvent, reader: PushReader): PushOutcome {
    const { forReaders, otherwise } = event.verdictOf(this);
    for (const rule of forReaders) {
      if (rule.conditions.every((condition) => condition.holds(event, reader))) return rule.outcome;
    }
    return otherwise;
  }
}

function mayHold(rule: CompiledRule, event: PushEvent): boolean {
  if (rule.legacyMention && event.hasMentions) return false;
  for (const condition of rule.shared) if (!condition(event)) return false;
  for (const condition of rule.forReaders) if (!condition.isPossible(event)) return false;
  return true;
}

function stepsOfKind(ruleSet: PushRuleSet, kind: PushRuleKind): (CompiledRule | RuleIndex)[] {
  const { before, behind } = defaultRules(kind);
  const custom = (ruleSet.custom[kind] ?? []).filter((rule) => isRuleEnabled(ruleSet, kind, rule));
  const compileDefaults = (rules: readonly DefaultRule[]): CompiledRule[] =>
    rules.filter((rule) => isRuleEnabled(ruleSet, kind, rule)).flatMap((rule) => compileDefault(ruleSet, rule));
  return [...compileDefaults(before), ...compileCustom(kind, custom), ...compileDefaults(behind)];
}

function compileDefault(ruleSet: PushRuleSet, rule: DefaultRule): CompiledRule[] {
  const outcome = outcomeOf(rule.kind, rule.rule_id, actionsOfDefaultRule(ruleSet, rule));
  return compileRule(rule.conditions, outcome, rule.legacyMention ?? false);
}

function compileCustom(kind: PushRuleKind, rules: readonly CustomPushRule[]): (CompiledRule | RuleIndex)[] {
  if (rules.length === 0) return [];
  switch (kind) {
    case 'room':
    case 'sender': {
      const outcomes = rules.map((rule) => [rule.rule_id, outcomeOf(kind, rule.rule_id, rule.actions)] as const);
      return [{ key: kind === 'room' ? 'roomId' : 'sender', outcomes: new Map(outcomes) }];
    }
    case 'content':
      return rules.flatMap((rule) => {
        const condition = { kind: 'event_match', key: 'content.body', pattern: rule.pattern ?? null };
        return compileRule([condition], outcomeOf(kind, rule.rule_id, rule.actions), false);
      });
    case 'override':
    case 'underride':
      return rules.flatMap((rule) =>
        compileRule(rule.conditions ?? [], outcomeOf(kind, rule.rule_id, rule.actions), false),
      );
  }
}

/** Empty if the rule can never match. */
function compileRule(
  conditions: DefaultRule['conditions'],
  outcome: PushOutcome,
  legacyMention: boolean,
): CompiledRule[] {
  const shared: SharedCondition[] = [];
  const forReaders: ReaderCondition[] = [];
  for (const condition of conditions) {
    const compiled = compileCondition(condition);
    if (!compiled) return [];
    if (typeof compiled === 'function') shared.push(compiled);
    else forReaders.push(compiled);
  }
  return [{ shared, forReaders, outcome, legacyMention }];
}

function outcomeOf(kind: PushRuleKind, ruleId: string, allActions: readonly PushAction[]): PushOutcome {
  const actions = allActions.filter((action) => action !== 'dont_notify' && action !== 'coalesce');
  const outcome = { kind, ruleId, actions, notify: actions.includes('notify') };
  if (!outcome.notify) return { ...outcome, highlight: false };
  const tweaks = new Map<JsonValue | undefined, JsonValue | undefined>();
  for (const action of actions) if (isJsonObject(action)) tweaks.set(action['set_tweak'], action['value']);
  const highlight = tweaks.has('highlight') && (tweaks.get('highlight') ?? true) === true;
  const sound = tweaks.get('sound');
  return sound === undefined ? { ...outcome, highlight } : { ...outcome, highlight, sound };
}
