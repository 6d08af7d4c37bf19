import type { JsonObject } from '../json/value.ts';
import type { PushAction, PushCondition, PushRuleKind } from './types.ts';

/** What a default rule takes from the user whose rule it is. */
export type OwnValue = 'user_id' | 'localpart';

/** A condition whose `pattern` or `value` is the user's own id or localpart. */
export interface OwnCondition {
  readonly kind: 'event_match' | 'event_property_contains';
  readonly key: string;
  readonly own: OwnValue;
}

export interface DefaultRule {
  readonly kind: PushRuleKind;
  readonly rule_id: string;
  readonly enabled: boolean;
  readonly conditions: readonly (PushCondition | OwnCondition)[];
  readonly actions: readonly PushAction[];
  /** Looks for mentions in the body, and so doesn't act on events that say in m.mentions whom they mention. */
  readonly legacyMention?: true;
}

const highlight: PushAction = { set_tweak: 'highlight' };
const noHighlight: PushAction = { set_tweak: 'highlight', value: false };
const defaultSound: PushAction = { set_tweak: 'sound', value: 'default' };

function match(key: string, pattern: string): JsonObject {
  return { kind: 'event_match', key, pattern };
}

/** The one default rule that goes before the user's own. */
const master: DefaultRule = {
  kind: 'override',
  rule_id: '.m.rule.master',
  enabled: false,
  conditions: [],
  actions: [],
};

function rule(
  kind: PushRuleKind,
  ruleId: string,
  conditions: DefaultRule['conditions'],
  actions: readonly PushAction[],
): DefaultRule {
  return { kind, rule_id: ruleId, enabled: true, conditions, actions };
}

const mayNotifyRoom: PushCondition = { kind: 'sender_notification_permission', key: 'room' };
const twoMembers: PushCondition = { kind: 'room_member_count', is: '2' };

/**
 * The other default rules (Client-Server API, "Predefined Rules"), in order within their kinds, behind the user's own.
 * The specification dropped the three that search the body for mentions in v1.17; clients that don't send m.mentions
 * still need them, so they are kept, as Synapse does, and so is Element's rule for Jitsi calls.
 */
const behindCustomRules: readonly DefaultRule[] = [
  rule('override', '.m.rule.suppress_notices', [match('content.msgtype', 'm.notice')], []),
  rule(
    'override',
    '.m.rule.invite_for_me',
    [
      match('type', 'm.room.member'),
      match('content.membership', 'invite'),
      { kind: 'event_match', key: 'state_key', own: 'user_id' },
    ],
    ['notify', noHighlight, defaultSound],
  ),
  rule('override', '.m.rule.member_event', [match('type', 'm.room.member')], []),
  rule(
    'override',
    '.m.rule.is_user_mention',
    [{ kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', own: 'user_id' }],
    ['notify', highlight, defaultSound],
  ),
  {
    ...rule(
      'override',
      '.m.rule.contains_display_name',
      [{ kind: 'contains_display_name' }],
      ['notify', highlight, defaultSound],
    ),
    legacyMention: true,
  },
  rule(
    'override',
    '.m.rule.is_room_mention',
    [{ kind: 'event_property_is', key: 'content.m\\.mentions.room', value: true }, mayNotifyRoom],
    ['notify', highlight],
  ),
  {
    ...rule('override', '.m.rule.roomnotif', [mayNotifyRoom, match('content.body', '@room')], ['notify', highlight]),
    legacyMention: true,
  },
  rule(
    'override',
    '.m.rule.tombstone',
    [match('type', 'm.room.tombstone'), match('state_key', '')],
    ['notify', highlight],
  ),
  rule('override', '.m.rule.reaction', [match('type', 'm.reaction')], []),
  rule('override', '.m.rule.room.server_acl', [match('type', 'm.room.server_acl'), match('state_key', '')], []),
  rule(
    'override',
    '.m.rule.suppress_edits',
    [{ kind: 'event_property_is', key: 'content.m\\.relates_to.rel_type', value: 'm.replace' }],
    [],
  ),
  {
    ...rule(
      'content',
      '.m.rule.contains_user_name',
      [{ kind: 'event_match', key: 'content.body', own: 'localpart' }],
      ['notify', highlight, defaultSound],
    ),
    legacyMention: true,
  },
  rule(
    'underride',
    '.m.rule.call',
    [match('type', 'm.call.invite')],
    ['notify', { set_tweak: 'sound', value: 'ring' }, noHighlight],
  ),
  rule(
    'underride',
    '.m.rule.encrypted_room_one_to_one',
    [match('type', 'm.room.encrypted'), twoMembers],
    ['notify', defaultSound, noHighlight],
  ),
  rule(
    'underride',
    '.m.rule.room_one_to_one',
    [match('type', 'm.room.message'), twoMembers],
    ['notify', defaultSound, noHighlight],
  ),
  rule('underride', '.m.rule.message', [match('type', 'm.room.message')], ['notify', noHighlight]),
  rule('underride', '.m.rule.encrypted', [match('type', 'm.room.encrypted')], ['notify', noHighlight]),
  rule(
    'underride',
    '.im.vector.jitsi',
    [match('type', 'im.vector.modular.widgets'), match('content.type', 'jitsi'), match('state_key', '*')],
    ['notify', noHighlight],
  ),
];

/** Default rules of a kind, most important first: those before the user's own rules and those behind them. */
export function defaultRules(kind: PushRuleKind): { before: readonly DefaultRule[]; behind: readonly DefaultRule[] } {
  return {
    before: kind === master.kind ? [master] : [],
    behind: behindCustomRules.filter((one) => one.kind === kind),
  };
}

export function findDefaultRule(kind: PushRuleKind, ruleId: string): DefaultRule | undefined {
  return [master, ...behindCustomRules].find((one) => one.kind === kind && one.rule_id === ruleId);
}
