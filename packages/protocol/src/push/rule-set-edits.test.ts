import { describe, expect, it } from 'vitest';
import { deleteRule, putRule, setRuleActions, setRuleEnabled } from './rule-set-edits.ts';
import { pushRuleOf, pushRulesetOf } from './rule-set-view.ts';
import { PushRuleError, pushRuleLimits } from './rule-validation.ts';
import { emptyPushRuleSet, type PushRuleKind, type PushRuleSet } from './types.ts';

const user = '@alice:one.test';
const silent = { actions: [] };

function customIds(ruleSet: PushRuleSet, kind: PushRuleKind): string[] {
  const rules = pushRulesetOf(ruleSet, user)[kind];
  return rules.filter((rule) => !rule.default).map((rule) => rule.rule_id);
}

function refusal(change: () => unknown): string {
  try {
    change();
  } catch (error) {
    if (error instanceof PushRuleError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('the order of rules', () => {
  const abc = ['c', 'b', 'a'].reduce((set, id) => putRule(set, 'room', id, silent), emptyPushRuleSet);

  it('puts a new rule before the others of its kind', () => {
    expect(customIds(abc, 'room')).toEqual(['a', 'b', 'c']);
    expect(customIds(abc, 'sender')).toEqual([]);
  });

  it.each([
    [{ before: 'b' }, ['a', 'x', 'b', 'c']],
    [{ after: 'b' }, ['a', 'b', 'x', 'c']],
    [{ before: 'c', after: 'a' }, ['a', 'b', 'x', 'c']],
  ])('places a rule at %j', (position, ids) => {
    expect(customIds(putRule(abc, 'room', 'x', silent, position), 'room')).toEqual(ids);
  });

  it('moves a rule only when asked to', () => {
    expect(customIds(putRule(abc, 'room', 'b', { actions: ['notify'] }), 'room')).toEqual(['a', 'b', 'c']);
    expect(customIds(putRule(abc, 'room', 'a', silent, { after: 'c' }), 'room')).toEqual(['b', 'c', 'a']);
    expect(customIds(putRule(abc, 'room', 'c', silent, { before: 'a' }), 'room')).toEqual(['c', 'a', 'b']);
    expect(customIds(putRule(abc, 'room', 'b', silent, { before: 'b' }), 'room')).toEqual(['a', 'b', 'c']);
  });

  it('refuses neighbours that are not there or are default rules', () => {
    expect(refusal(() => putRule(abc, 'room', 'x', silent, { before: 'y' }))).toBe('M_UNKNOWN');
    const body = { actions: [], conditions: [] };
    expect(refusal(() => putRule(abc, 'override', 'x', body, { after: '.m.rule.master' }))).toBe('M_UNKNOWN');
  });

  it('puts own rules between .m.rule.master and the other default rules', () => {
    const set = putRule(emptyPushRuleSet, 'override', 'mine', { actions: [], conditions: [] });
    expect(
      pushRulesetOf(set, user)
        .override.slice(0, 3)
        .map((rule) => rule.rule_id),
    ).toEqual(['.m.rule.master', 'mine', '.m.rule.suppress_notices']);
  });
});

describe('changes', () => {
  it('keep a rule as it was sent, without what its kind does not know', () => {
    const body = { actions: ['notify'], pattern: 'cake*lie', conditions: [], x: 1 };
    const set = putRule(emptyPushRuleSet, 'content', 'nocake', body);
    expect(pushRuleOf(set, user, 'content', 'nocake')).toEqual({
      rule_id: 'nocake',
      default: false,
      enabled: true,
      actions: ['notify'],
      pattern: 'cake*lie',
    });
  });

  it('switch rules, and a new rule is on though an earlier one with its id was off', () => {
    let set = putRule(emptyPushRuleSet, 'room', '!r:one.test', silent);
    set = setRuleEnabled(set, 'room', '!r:one.test', false);
    expect(pushRuleOf(set, user, 'room', '!r:one.test')?.enabled).toBe(false);
    set = putRule(set, 'room', '!r:one.test', { actions: ['notify'] });
    expect(pushRuleOf(set, user, 'room', '!r:one.test')?.enabled).toBe(false);
    set = putRule(deleteRule(set, 'room', '!r:one.test'), 'room', '!r:one.test', silent);
    expect(pushRuleOf(set, user, 'room', '!r:one.test')?.enabled).toBe(true);
    set = setRuleEnabled(set, 'override', '.m.rule.master', true);
    expect(pushRuleOf(set, user, 'override', '.m.rule.master')?.enabled).toBe(true);
  });

  it('change the actions of default rules and of own ones', () => {
    let set = setRuleActions(emptyPushRuleSet, 'underride', '.m.rule.message', { actions: ['dont_notify'] });
    expect(pushRuleOf(set, user, 'underride', '.m.rule.message')?.actions).toEqual(['dont_notify']);
    set = setRuleActions(putRule(set, 'sender', '@b:one.test', silent), 'sender', '@b:one.test', {
      actions: ['notify'],
    });
    expect(pushRuleOf(set, user, 'sender', '@b:one.test')?.actions).toEqual(['notify']);
  });

  it('leave the rule set that they began with alone', () => {
    const before = putRule(emptyPushRuleSet, 'room', 'a', silent);
    const copy = structuredClone(before);
    putRule(before, 'room', 'b', silent);
    deleteRule(before, 'room', 'a');
    setRuleEnabled(before, 'room', 'a', false);
    setRuleActions(before, 'room', 'a', { actions: ['notify'] });
    expect(before).toEqual(copy);
  });
});

describe('refusals', () => {
  const set = emptyPushRuleSet;
  const condition = { kind: 'event_match', key: 'type', pattern: '*' };
  const tooMany = Array.from({ length: pushRuleLimits.conditions + 1 }, () => condition);
  it.each<[string, () => unknown, string]>([
    ['a reserved id', () => putRule(set, 'room', '.x', silent), 'M_INVALID_PARAM'],
    ['a slash', () => putRule(set, 'room', 'a/b', silent), 'M_INVALID_PARAM'],
    ['a backslash', () => putRule(set, 'room', 'a\\b', silent), 'M_INVALID_PARAM'],
    ['a long id', () => putRule(set, 'room', 'a'.repeat(2000), silent), 'M_INVALID_PARAM'],
    ['no actions', () => putRule(set, 'room', 'a', {}), 'M_MISSING_PARAM'],
    ['an unknown action', () => putRule(set, 'room', 'a', { actions: ['explode'] }), 'M_INVALID_PARAM'],
    ['actions that are no list', () => putRule(set, 'room', 'a', { actions: 'notify' }), 'M_INVALID_PARAM'],
    ['a content rule without pattern', () => putRule(set, 'content', 'a', silent), 'M_MISSING_PARAM'],
    ['a pattern that is no string', () => putRule(set, 'content', 'a', { actions: [], pattern: 5 }), 'M_INVALID_PARAM'],
    [
      'a long pattern',
      () => putRule(set, 'content', 'a', { actions: [], pattern: '*a'.repeat(999) }),
      'M_INVALID_PARAM',
    ],
    [
      'a condition without kind',
      () => putRule(set, 'override', 'a', { actions: [], conditions: [{}] }),
      'M_INVALID_PARAM',
    ],
    ['many conditions', () => putRule(set, 'override', 'a', { actions: [], conditions: tooMany }), 'M_INVALID_PARAM'],
    ['deleting a default rule', () => deleteRule(set, 'override', '.m.rule.master'), 'M_NOT_FOUND'],
    ['deleting what is not there', () => deleteRule(set, 'room', 'a'), 'M_NOT_FOUND'],
    ['switching what is not there', () => setRuleEnabled(set, 'room', '.m.rule.master', true), 'M_NOT_FOUND'],
    ['actions of what is not there', () => setRuleActions(set, 'room', 'a', silent), 'M_NOT_FOUND'],
  ])('%s', (_, change, code) => {
    expect(refusal(change)).toBe(code);
  });

  it('end at the greatest number of rules', () => {
    const rules = Array.from({ length: pushRuleLimits.rulesTriedOneByOne }, (_, i) => ({
      rule_id: `r${i}`,
      actions: [],
      pattern: 'x',
    }));
    const full: PushRuleSet = { ...set, custom: { content: rules } };
    const body = { actions: [], pattern: 'y' };
    expect(refusal(() => putRule(full, 'content', 'one-more', body))).toBe('M_INVALID_PARAM');
    expect(refusal(() => putRule(full, 'content', 'r5', body))).toBe('accepted');
  });
});
