import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { Vector } from './category.ts';

/**
 * Why we answer some vectors otherwise than Synapse, as data. A verdict says which vectors it is about and what is
 * answered instead, so that it can't hide another disagreement.
 */
export interface Verdict {
  /** In a sentence: what the specification says, or why a clean refusal replaces an internal error. */
  readonly reason: string;
  /** All must hold. Paths into the vector (`input.event.type`) and what is expected there. */
  readonly where: Readonly<Record<string, Condition>>;
  /** What differs from Synapse's answer; everything else must be the same. */
  readonly instead: {
    /** Paths into `expect` that our answer doesn't have. */
    readonly remove?: readonly string[];
    /** Paths into `expect` and what we answer there. */
    readonly set?: Readonly<Record<string, JsonValue>>;
    /** Paths into `expect` where we answer what stands at a path into the vector. */
    readonly copy?: Readonly<Record<string, string>>;
    /** Members of our answer that aren't compared, because they follow from the others. */
    readonly ignore?: readonly string[];
  };
}

/** `true`: it is there; `false`: it isn't; a string: text, `*` stands for any; a list: one of them. */
export type Condition = boolean | string | readonly string[];

export function isAbout(verdict: Verdict, vector: Vector): boolean {
  return Object.entries(verdict.where).every(([path, condition]) => holds(condition, at(vector, path)));
}

/** Synapse's answer changed as the verdict says. */
export function expectedInstead(verdict: Verdict, vector: Vector): JsonObject {
  const expect = structuredClone(vector.expect);
  for (const path of verdict.instead.remove ?? []) change(expect, path, undefined);
  for (const [path, value] of Object.entries(verdict.instead.set ?? {})) change(expect, path, value);
  for (const [path, from] of Object.entries(verdict.instead.copy ?? {})) change(expect, path, at(vector, from));
  return expect;
}

function holds(condition: Condition, value: JsonValue | undefined): boolean {
  if (typeof condition === 'boolean') return (value !== undefined) === condition;
  if (typeof condition === 'string') return typeof value === 'string' && matches(condition, value);
  return condition.some((alternative) => holds(alternative, value));
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const last = parts.pop() as string;
  if (parts.length === 0) return text === last;
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === 0 ? (text.startsWith(part) ? 0 : -1) : text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - from >= last.length && text.endsWith(last);
}

function at(vector: Vector, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = vector as unknown as JsonObject;
  for (const key of path.split('.')) value = isJsonObject(value) ? getOwn(value, key) : undefined;
  return value;
}

function change(object: JsonObject, path: string, value: JsonValue | undefined): void {
  const keys = path.split('.');
  const last = keys.pop() as string;
  let target: JsonValue | undefined = object;
  for (const key of keys) target = isJsonObject(target) ? getOwn(target, key) : undefined;
  if (!isJsonObject(target)) return;
  if (value === undefined) delete target[last];
  else target[last] = value;
}
