import { describe, expect, it } from 'vitest';
import { inviteRulesOf, listedInviteRules } from './invite-rules.ts';

describe('who may invite', () => {
  it('is everybody, or nobody', () => {
    for (const content of [undefined, {}, { default_action: 'allow' }, { default_action: 7 }])
      expect(inviteRulesOf(content)('@a:one.test')).toBe('allow');
    expect(inviteRulesOf({ default_action: 'block' })('@a:one.test')).toBe('block');
  });

  it('is said by lists: of users before servers, and what is allowed before what is not', () => {
    const rules = listedInviteRules({
      allowed_users: ['@friend:*'],
      ignored_users: ['@bore:one.test', '@both:one.test'],
      blocked_users: ['@spam?*:*', '@friend:bad.test', '@both:one.test'],
      allowed_servers: ['good.bad.test'],
      ignored_servers: ['dull.test'],
      blocked_servers: ['*bad.test'],
    });
    expect(rules('@friend:bad.test')).toBe('allow');
    expect(rules('@bore:one.test')).toBe('ignore');
    expect(rules('@both:one.test')).toBe('ignore');
    expect(rules('@spammer:one.test')).toBe('block');
    expect(rules('@spam:one.test')).toBe('allow');
    expect(rules('@x:good.bad.test')).toBe('allow');
    expect(rules('@x:dull.test')).toBe('ignore');
    expect(rules('@x:bad.test')).toBe('block');
    expect(rules('@x:one.test')).toBe('allow');
  });

  it('is not said by what is no list of patterns, nor by patterns without end', () => {
    const rules = listedInviteRules({
      allowed_users: null,
      ignored_users: 'everybody',
      blocked_users: [7, '', null, { '*': true }, `*${'?'.repeat(300)}`, '@a:one.test'],
      blocked_servers: [...Array.from({ length: 999 }, (_, i) => `${i}.test`), '*.last.test'],
    });
    expect(rules('@a:one.test')).toBe('block');
    expect(rules('@b:998.test')).toBe('block');
    expect(rules('@b:very.last.test')).toBe('allow');
  });
});
