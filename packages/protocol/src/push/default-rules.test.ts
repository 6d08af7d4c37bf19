import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pushRuleOf, pushRulesetOf } from './rule-set-view.ts';
import { emptyPushRuleSet, pushRuleKinds, type PushRuleset } from './types.ts';

const user = '@alice:one.test';
const synapse = JSON.parse(
  readFileSync(new URL('../../vectors/push-rules-defaults.json', import.meta.url), 'utf8'),
) as { rules: { global: PushRuleset } };

describe('the default rules', () => {
  it.each(pushRuleKinds)('of kind %s are those that Synapse gives, in its order', (kind) => {
    expect(pushRulesetOf(emptyPushRuleSet, user)[kind]).toEqual(synapse.rules.global[kind]);
  });

  it('name the user that they are shown to', () => {
    expect(pushRuleOf(emptyPushRuleSet, '@bob:two.test:8448', 'content', '.m.rule.contains_user_name')).toMatchObject({
      pattern: 'bob',
    });
    expect(pushRuleOf(emptyPushRuleSet, '@bob:two.test', 'override', '.m.rule.is_user_mention')?.conditions).toEqual([
      { kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: '@bob:two.test' },
    ]);
    expect(pushRuleOf(emptyPushRuleSet, user, 'room', '.m.rule.master')).toBeUndefined();
  });
});
