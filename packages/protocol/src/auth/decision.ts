/** Why an event isn't authorized: short, stable codes, for logs, stored rejections and `myelin explain`. */
export const authRefusalReasons = [
  // The choice of auth events
  'auth-event-duplicate',
  'auth-event-not-expected',
  'auth-event-rejected',
  'auth-event-other-room',
  'create-missing',
  'create-rejected',
  // m.room.create
  'create-has-prev-events',
  'create-has-room-id',
  'create-state-key',
  'create-room-id-domain',
  'create-room-version-unknown',
  'create-creator-missing',
  'create-additional-creators-invalid',
  // Rules for all events
  'id-without-domain',
  'room-not-federated',
  'sender-not-joined',
  'send-level-too-low',
  'state-key-of-another-user',
  'power-level-unreadable',
  // m.room.aliases
  'aliases-state-key',
  // m.room.member
  'membership-missing',
  'membership-unknown',
  'target-banned',
  'target-already-joined',
  'join-for-another',
  'join-not-invited',
  'join-rule-forbids',
  'join-not-authorised',
  'join-authoriser-not-joined',
  'join-authoriser-level-too-low',
  'invite-level-too-low',
  'third-party-invite-malformed',
  'third-party-invite-unknown',
  'third-party-invite-mismatch',
  'third-party-invite-signature',
  'leave-without-membership',
  'kick-level-too-low',
  'kick-target-level',
  'unban-level-too-low',
  'ban-level-too-low',
  'ban-target-level',
  'knock-not-possible',
  'knock-for-another',
  'knock-already-member',
  // m.room.power_levels
  'power-levels-not-integer',
  'power-levels-malformed',
  'power-levels-user-id',
  'power-levels-name-creator',
  'power-levels-above-own',
  'power-levels-equal-to-own',
  // m.room.redaction
  'redact-level-too-low',
] as const;

export type AuthRefusalReason = (typeof authRefusalReasons)[number];

/** An event isn't allowed: a stable code and a sentence for people. */
export interface AuthRefusal {
  readonly allowed: false;
  readonly reason: AuthRefusalReason;
  readonly message: string;
}

export type AuthDecision = { readonly allowed: true } | AuthRefusal;

export const allowed: AuthDecision = Object.freeze({ allowed: true });

export function refuse(reason: AuthRefusalReason, message: string): AuthRefusal {
  return { allowed: false, reason, message };
}

/** A name that an outsider chose, fit for a message: not too long, and nothing in it that a terminal would act on. */
export function named(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return short.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
