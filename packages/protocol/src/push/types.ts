import type { JsonObject, JsonValue } from '../json/value.ts';

/** The kinds of push rules, in the order in which they are checked (Client-Server API, "Push rules"). */
export const pushRuleKinds = ['override', 'content', 'room', 'sender', 'underride'] as const;

export type PushRuleKind = (typeof pushRuleKinds)[number];

export function isPushRuleKind(text: string): text is PushRuleKind {
  return (pushRuleKinds as readonly string[]).includes(text);
}

/** `notify`, `{ set_tweak, value? }`, or one of the ignored historical ones (`dont_notify`, `coalesce`). */
export type PushAction = string | JsonObject;

/** A condition as clients send it. Unknown kinds, and known ones with wrong parameters, never match. */
export type PushCondition = JsonObject;

/** A rule as the client API shows it. */
export interface PushRule {
  readonly rule_id: string;
  readonly default: boolean;
  readonly enabled: boolean;
  readonly actions: readonly PushAction[];
  /** override and underride. */
  readonly conditions?: readonly PushCondition[];
  /** content. */
  readonly pattern?: string;
}

/** The most important rule comes first. */
export type PushRuleset = Readonly<Record<PushRuleKind, readonly PushRule[]>>;

/** A rule that the user made. Those of kinds room and sender have neither conditions nor a pattern. */
export interface CustomPushRule {
  readonly rule_id: string;
  readonly actions: readonly PushAction[];
  readonly conditions?: readonly PushCondition[];
  readonly pattern?: string;
}

/**
 * All push rules of a user: the default rules, which aren't in here, and what the user made of them. It is plain JSON,
 * never changed in place: the functions of rule-set-edits.ts give new ones.
 */
export interface PushRuleSet {
  /** The most important rule comes first. */
  readonly custom: Readonly<Partial<Record<PushRuleKind, readonly CustomPushRule[]>>>;
  /** By ruleKey: rules that were switched on or off. */
  readonly enabled: Readonly<Record<string, boolean>>;
  /** By ruleKey: default rules with other actions. */
  readonly actions: Readonly<Record<string, readonly PushAction[]>>;
}

export const emptyPushRuleSet: PushRuleSet = { custom: {}, enabled: {}, actions: {} };

export function ruleKey(kind: PushRuleKind, ruleId: string): string {
  return `${kind}/${ruleId}`;
}

/** What is known about the room at the event. */
export interface PushContext {
  readonly roomMemberCount: number;
  /** null where it isn't known; Infinity for creators of version 12 rooms. */
  readonly senderPowerLevel: number | null;
  /** `notifications` of the power levels. What isn't a number counts as missing: 50. */
  readonly notificationLevels: Readonly<Record<string, unknown>>;
  /** Needed where the event doesn't have a room_id: the create event of a version 12 room. */
  readonly roomId?: string;
}

/** What the rule that acts on an event says. */
export interface PushOutcome {
  /** null: no rule matched. */
  readonly kind: PushRuleKind | null;
  readonly ruleId: string | null;
  readonly notify: boolean;
  /** Only if `notify`. */
  readonly highlight: boolean;
  /** Only if `notify`. */
  readonly sound?: JsonValue;
  /** The rule's actions without the historical ones. */
  readonly actions: readonly PushAction[];
}

export const noPush: PushOutcome = { kind: null, ruleId: null, notify: false, highlight: false, actions: [] };
