import type { JsonObject } from '../json/value.ts';
import type { Category, Vector } from './category.ts';
import { same } from './same.ts';
import { expectedInstead, isAbout, type Verdict } from './verdict.ts';

export interface Result {
  readonly agree: number;
  /** Ids, with what was answered or thrown. */
  readonly disagree: readonly { readonly id: string; readonly why: string }[];
  readonly onPurpose: number;
  /** How often each verdict was needed. */
  readonly used: ReadonlyMap<Verdict, number>;
}

/** Answers vectors of one category and compares with Synapse's answers. */
export function judge(category: Category, verdicts: readonly Verdict[], vectors: readonly Vector[]): Result {
  const disagree: { id: string; why: string }[] = [];
  const used = new Map<Verdict, number>();
  let agree = 0;
  let onPurpose = 0;
  for (const vector of vectors) {
    const { answer, problem } = ask(category, vector);
    if (answer && matches(answer, vector.expect, [])) {
      agree++;
      continue;
    }
    const known = answer && category.facts ? { ...vector, facts: category.facts(vector, answer) } : vector;
    const verdict =
      answer &&
      verdicts.find(
        (one) => isAbout(one, known) && matches(answer, expectedInstead(one, vector), one.instead.ignore ?? []),
      );
    if (verdict) {
      onPurpose++;
      used.set(verdict, (used.get(verdict) ?? 0) + 1);
    } else {
      disagree.push({ id: vector.id, why: problem ?? JSON.stringify(answer) });
    }
  }
  return { agree, disagree, onPurpose, used };
}

function ask(category: Category, vector: Vector): { answer?: JsonObject; problem?: string } {
  try {
    return { answer: category.answer(vector) };
  } catch (error) {
    return { problem: String(error) };
  }
}

function matches(answer: JsonObject, expect: JsonObject, ignored: readonly string[]): boolean {
  return Object.keys(answer).every((key) => ignored.includes(key) || same(answer[key], expect[key]));
}
