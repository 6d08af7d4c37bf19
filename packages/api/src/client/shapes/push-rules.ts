import { Type } from 'typebox';
import { jsonObject, withMore } from '../../shared.ts';

/** `notify`, or a tweak such as `{"set_tweak": "sound", "value": "default"}`. Client-Server API, Push rules, Actions. */
export const pushActions = Type.Array(Type.Union([Type.String(), jsonObject]));

export const pushConditions = Type.Array(withMore(Type.Object({ kind: Type.String() })));

export const pushRule = Type.Object({
  rule_id: Type.String(),
  default: Type.Boolean(),
  enabled: Type.Boolean(),
  actions: pushActions,
  conditions: Type.Optional(pushConditions),
  pattern: Type.Optional(Type.String()),
});

const rules = Type.Optional(Type.Array(pushRule));

/** A user's rules, in the order in which the kinds are tried. */
export const pushRuleset = Type.Object({
  override: rules,
  content: rules,
  room: rules,
  sender: rules,
  underride: rules,
});

/** There is no rule of an unknown kind, so that the handlers answer M_NOT_FOUND for one. */
export const pushRuleParams = Type.Object({ kind: Type.String(), ruleId: Type.String() });
