import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import { PushEvent } from './push-event.ts';
import { compilePushRules, PushPrograms } from './push-rules.ts';
import { putRule, setRuleActions, setRuleEnabled } from './rule-set-edits.ts';
import { emptyPushRuleSet, type PushContext, type PushRuleSet } from './types.ts';

const alice = '@alice:one.test';
const group: PushContext = { roomMemberCount: 10, senderPowerLevel: 0, notificationLevels: {} };

function eventOf(event: JsonObject, context: Partial<PushContext> = {}): PushEvent {
  return new PushEvent({ sender: '@bob:two.test', room_id: '!r:one.test', ...event }, { ...group, ...context });
}

function message(content: JsonObject, context: Partial<PushContext> = {}): PushEvent {
  return eventOf({ type: 'm.room.message', content: { msgtype: 'm.text', ...content } }, context);
}

function ruleFor(event: PushEvent, ruleSet: PushRuleSet = emptyPushRuleSet, displayName: string | null = null) {
  return compilePushRules(ruleSet, alice)(event, displayName);
}

describe('default rules', () => {
  it.each<[string, PushEvent, string | null, object]>([
    ['a message', message({ body: 'hello' }), '.m.rule.message', { notify: true, highlight: false }],
    [
      'a message of one to one',
      message({ body: 'hello' }, { roomMemberCount: 2 }),
      '.m.rule.room_one_to_one',
      { notify: true, highlight: false, sound: 'default' },
    ],
    ['a notice', message({ msgtype: 'm.notice', body: 'alice' }), '.m.rule.suppress_notices', { notify: false }],
    [
      'a mention',
      message({ body: 'hi', 'm.mentions': { user_ids: [alice] } }),
      '.m.rule.is_user_mention',
      { notify: true, highlight: true, sound: 'default' },
    ],
    [
      'a mention of someone else, with the name in the body',
      message({ body: 'alice', 'm.mentions': { user_ids: ['@c:d'] } }),
      '.m.rule.message',
      { highlight: false },
    ],
    ['the name in the body', message({ body: 'hi ALICE!' }), '.m.rule.contains_user_name', { highlight: true }],
    ['the name within a word', message({ body: 'malice' }), '.m.rule.message', { highlight: false }],
    ['an edit', message({ body: 'x', 'm.relates_to': { rel_type: 'm.replace' } }), '.m.rule.suppress_edits', {}],
    [
      'an invite',
      eventOf({ type: 'm.room.member', state_key: alice, content: { membership: 'invite' } }),
      '.m.rule.invite_for_me',
      { notify: true, highlight: false },
    ],
    [
      "someone else's invite",
      eventOf({ type: 'm.room.member', state_key: '@c:d', content: { membership: 'invite' } }),
      '.m.rule.member_event',
      { notify: false },
    ],
    ['an unknown event', eventOf({ type: 'org.example', content: {} }), null, { notify: false }],
  ])('%s', (_, event, ruleId, outcome) => {
    expect(ruleFor(event)).toMatchObject({ ruleId, ...outcome });
  });

  it('let only those notify the room that may', () => {
    const body = { body: 'all', 'm.mentions': { room: true } };
    expect(ruleFor(message(body, { senderPowerLevel: 49 })).ruleId).toBe('.m.rule.message');
    expect(ruleFor(message(body, { senderPowerLevel: 50 })).ruleId).toBe('.m.rule.is_room_mention');
    expect(ruleFor(message(body, { senderPowerLevel: Infinity })).highlight).toBe(true);
    expect(ruleFor(message(body, { senderPowerLevel: null })).highlight).toBe(false);
    expect(ruleFor(message(body, { notificationLevels: { room: 0 } })).highlight).toBe(true);
    expect(ruleFor(message(body, { notificationLevels: { room: '0' } })).highlight).toBe(false);
  });

  it('look for the display name as it is, not as a glob', () => {
    expect(ruleFor(message({ body: 'hi Al B.' }), emptyPushRuleSet, 'al b').highlight).toBe(true);
    expect(ruleFor(message({ body: 'hi' }), emptyPushRuleSet, '*').highlight).toBe(false);
    expect(ruleFor(message({ body: 'hi' }), emptyPushRuleSet, '').highlight).toBe(false);
  });

  it('can all be switched off at once', () => {
    const off = setRuleEnabled(emptyPushRuleSet, 'override', '.m.rule.master', true);
    expect(ruleFor(message({ body: 'alice' }), off)).toMatchObject({ ruleId: '.m.rule.master', notify: false });
  });
});

describe('own rules', () => {
  it('go before default rules of their kind, and kinds in their order', () => {
    let set = putRule(emptyPushRuleSet, 'content', 'tea', { pattern: 'tea', actions: ['notify'] });
    set = putRule(set, 'room', '!r:one.test', { actions: [] });
    set = putRule(set, 'sender', '@bob:two.test', { actions: ['notify', { set_tweak: 'sound', value: 'bing' }] });
    expect(ruleFor(message({ body: 'tea for alice' }), set).ruleId).toBe('tea');
    expect(ruleFor(message({ body: 'coffee for alice' }), set).ruleId).toBe('.m.rule.contains_user_name');
    expect(ruleFor(message({ body: 'coffee' }), set)).toMatchObject({ kind: 'room', notify: false });
    const elsewhere = eventOf({ type: 'x', room_id: '!s:one.test', content: {} });
    expect(ruleFor(elsewhere, set)).toMatchObject({ kind: 'sender', notify: true, sound: 'bing' });
  });

  it('of kinds room and sender are about exactly that room and user', () => {
    let set = putRule(emptyPushRuleSet, 'room', '!*', { actions: [] });
    set = putRule(set, 'sender', '@BOB:two.test', { actions: [] });
    expect(ruleFor(message({ body: 'x' }), set).ruleId).toBe('.m.rule.message');
  });

  it('take the room from the context where the event does not name it', () => {
    const set = putRule(emptyPushRuleSet, 'room', '!v12', { actions: ['notify'] });
    const create = new PushEvent({ type: 'm.room.create', sender: '@b:c', content: {} }, { ...group, roomId: '!v12' });
    expect(ruleFor(create, set).kind).toBe('room');
  });

  it.each<[JsonObject, boolean]>([
    [{ kind: 'event_match', key: 'content.topic', pattern: 'lunc?*' }, true],
    [{ kind: 'event_match', key: 'content.topic', pattern: 'lunch' }, false],
    [{ kind: 'event_match', key: 'content.none', pattern: '*' }, false],
    [{ kind: 'event_match', key: 'content.number', pattern: '*' }, false],
    [{ kind: 'event_property_is', key: 'content.number', value: 5 }, true],
    [{ kind: 'event_property_is', key: 'content.number', value: '5' }, false],
    [{ kind: 'event_property_is', key: 'content.nothing', value: null }, true],
    [{ kind: 'event_property_is', key: 'content.none', value: null }, false],
    [{ kind: 'event_property_is', key: 'content.constructor', value: null }, false],
    [{ kind: 'event_property_contains', key: 'content.list', value: 'x' }, true],
    [{ kind: 'event_property_contains', key: 'content.list', value: 'X' }, false],
    [{ kind: 'event_property_contains', key: 'content.topic', value: 'Lunch plans' }, false],
    [{ kind: 'room_member_count', is: '>=10' }, true],
    [{ kind: 'room_member_count', is: '=10' }, false],
    [{ kind: 'room_member_count', is: 10 }, false],
    [{ kind: 'org.example.unknown' }, false],
  ])('condition %j: %j', (condition, matches) => {
    const set = putRule(emptyPushRuleSet, 'override', 'own', { conditions: [condition], actions: [] });
    const content = { topic: 'Lunch plans', number: 5, nothing: null, list: ['x', 1] };
    expect(ruleFor(eventOf({ type: 'm.room.topic', state_key: '', content }), set).ruleId === 'own').toBe(matches);
  });

  it('with historical actions are rules without actions', () => {
    const set = setRuleActions(emptyPushRuleSet, 'underride', '.m.rule.message', { actions: ['dont_notify'] });
    expect(ruleFor(message({ body: 'x' }), set)).toEqual({
      kind: 'underride',
      ruleId: '.m.rule.message',
      notify: false,
      highlight: false,
      actions: [],
    });
  });
});

describe('many readers', () => {
  it('get their own outcomes from one event', () => {
    const programs = new PushPrograms();
    const users = Array.from({ length: 50 }, (_, i) => `@user${i}:one.test`);
    const evaluators = users.map((user) => compilePushRules(emptyPushRuleSet, user, programs));
    const mentions = { user_ids: users.slice(0, 20) };
    const mentioning = message({ body: 'x', 'm.mentions': mentions });
    const naming = message({ body: 'user3 and USER31, Zoë too' });
    const highlighted = (event: PushEvent, name: (i: number) => string | null): number[] =>
      evaluators.flatMap((evaluate, i) => (evaluate(event, name(i)).highlight ? [i] : []));
    expect(highlighted(mentioning, () => 'x')).toEqual(users.slice(0, 20).map((_, i) => i));
    expect(highlighted(naming, (i) => (i === 40 ? 'zoë' : null))).toEqual([3, 31, 40]);
  });

  it('share compiled rule sets, of which the oldest are dropped', () => {
    const programs = new PushPrograms(1000);
    const sets = ['a', 'b', 'c'].map((word) =>
      putRule(emptyPushRuleSet, 'content', word, { pattern: word.repeat(300), actions: [] }),
    ) as [PushRuleSet, PushRuleSet, PushRuleSet];
    const first = programs.programOf(sets[0]);
    expect(programs.programOf(structuredClone(sets[0]))).toBe(first);
    programs.programOf(sets[1]);
    programs.programOf(sets[2]);
    expect(programs.programOf(sets[0])).not.toBe(first);
    expect(programs.programOf(emptyPushRuleSet)).toBe(
      programs.programOf({ custom: { room: [] }, enabled: {}, actions: {} }),
    );
  });

  it('do not wait for rules made to be slow', () => {
    const rules = Array.from({ length: 1000 }, (_, i) => ({
      rule_id: `r${i}`,
      actions: [],
      pattern: `${'*a?'.repeat(300)}${i}*b`,
    }));
    const evaluate = compilePushRules({ ...emptyPushRuleSet, custom: { content: rules } }, alice);
    const before = process.cpuUsage();
    expect(evaluate(message({ body: 'a'.repeat(60_000) }), 'a').ruleId).toBe('.m.rule.message');
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1000).toBeLessThan(1000);
  });
});
