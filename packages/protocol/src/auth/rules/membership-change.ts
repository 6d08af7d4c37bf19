import type { AuthCheck } from './check.ts';

/** A change of the membership of the user `target`. */
export interface MembershipChange extends AuthCheck {
  readonly target: string;
  readonly targetMembership: string | undefined;
}

/** The join rule in force; without an event or a value it is `invite`. */
export function joinRuleOf({ state }: AuthCheck): string {
  const rule = state.get('m.room.join_rules', '')?.pdu.content['join_rule'];
  if (rule === undefined) return 'invite';
  return typeof rule === 'string' ? rule : '';
}
