import { MatrixError } from '@myelin/api';
import type { JsonObject, PushRuleSet } from '@myelin/protocol';

/** `push_rules.limits` of homeserver.yaml. */
export interface PushRuleLimits {
  readonly maxRules: number;
  /** In bytes. */
  readonly maxRuleIdLength: number;
  /** Of the JSON of a rule's conditions (or pattern) and actions, in bytes. */
  readonly maxRuleSize: number;
}

/** Of all rules of a user together, in UTF-16 units of their JSON: they are sent whole with every change. */
const longestRuleSet = 1_048_576;

/** Throws M_TOO_LARGE for a rule that is larger than the administrator allows. */
export function checkNewRule(limits: PushRuleLimits, ruleId: string, body: JsonObject): void {
  if (bytes(ruleId) > limits.maxRuleIdLength) {
    throw new MatrixError('M_TOO_LARGE', `A push rule's id may not be longer than ${limits.maxRuleIdLength} bytes`);
  }
  const size = [body['conditions'], body['pattern'], body['actions']].reduce<number>(
    (sum, part) => sum + (part === undefined ? 0 : bytes(JSON.stringify(part))),
    0,
  );
  if (size > limits.maxRuleSize)
    throw new MatrixError('M_TOO_LARGE', `A push rule may not be larger than ${limits.maxRuleSize} bytes`);
}

/** Throws if the edited rules are more or larger than allowed. What makes them fewer or smaller is always let through. */
export function checkRuleSet(limits: PushRuleLimits, before: PushRuleSet, after: PushRuleSet, text: string): void {
  const count = countRules(after);
  if (count > limits.maxRules && count > countRules(before)) {
    throw new MatrixError('M_INVALID_PARAM', `There may not be more than ${limits.maxRules} push rules`);
  }
  if (text.length > longestRuleSet && text.length > JSON.stringify(before).length) {
    throw new MatrixError('M_TOO_LARGE', 'The push rules are too large');
  }
}

function countRules({ custom }: PushRuleSet): number {
  return Object.values(custom).reduce((sum, rules) => sum + rules.length, 0);
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
