import { PushProgram } from './push-program.ts';
import type { PushEvent } from './push-event.ts';
import { PushReader } from './push-reader.ts';
import { emptyPushRuleSet, type PushOutcome, type PushRuleSet } from './types.ts';

/**
 * What a user's rules say about an event. Own events don't notify: don't ask for the sender. `displayName` is the user's
 * in the room. The outcome is shared: don't change it.
 */
export type PushEvaluator = (event: PushEvent, displayName: string | null) => PushOutcome;

const defaultProgram = new PushProgram(emptyPushRuleSet);

/**
 * Compiled rule sets, the most recently used ones, so that users with equal rules share the work on an event. `maxText`
 * bounds the sum of the rule sets' JSON, in UTF-16 units; compiled they take about ten times that many bytes.
 */
export class PushPrograms {
  readonly #programs = new Map<string, PushProgram>();
  readonly #maxText: number;
  #text = 0;

  constructor(maxText = 4_000_000) {
    this.#maxText = maxText;
  }

  programOf(ruleSet: PushRuleSet): PushProgram {
    if (isDefault(ruleSet)) return defaultProgram;
    const text = JSON.stringify(ruleSet);
    const known = this.#programs.get(text);
    if (known) {
      this.#programs.delete(text);
      this.#programs.set(text, known);
      return known;
    }
    const program = new PushProgram(ruleSet);
    this.#programs.set(text, program);
    this.#text += text.length;
    this.#dropOldest();
    return program;
  }

  #dropOldest(): void {
    for (const text of this.#programs.keys()) {
      if (this.#text <= this.#maxText) return;
      this.#programs.delete(text);
      this.#text -= text.length;
    }
  }
}

/** Compiles a user's rules. Pass the same `programs` for all users, and keep the evaluator while the rules don't change. */
export function compilePushRules(ruleSet: PushRuleSet, userId: string, programs?: PushPrograms): PushEvaluator {
  const program = programs ? programs.programOf(ruleSet) : programOf(ruleSet);
  const reader = new PushReader(userId);
  return (event, displayName) => {
    reader.displayName = displayName;
    return program.evaluate(event, reader);
  };
}

function programOf(ruleSet: PushRuleSet): PushProgram {
  return isDefault(ruleSet) ? defaultProgram : new PushProgram(ruleSet);
}

function isDefault({ custom, enabled, actions }: PushRuleSet): boolean {
  return (
    Object.keys(enabled).length === 0 &&
    Object.keys(actions).length === 0 &&
    Object.values(custom).every((rules) => rules.length === 0)
  );
}
