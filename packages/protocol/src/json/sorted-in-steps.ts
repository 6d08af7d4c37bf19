import { compareCodePoints, sortKeys } from './canonical.ts';
import type { Steps } from './steps.ts';

/** So many keys are sorted, or merged, in a step. */
const atOnce = 2_000;

/** Sorts keys by code point. */
export function* sortKeysInSteps(keys: string[]): Steps<string[]> {
  if (keys.length <= atOnce) return sortKeys(keys);
  let runs: string[][] = [];
  for (let at = 0; at < keys.length; at += atOnce) {
    runs.push(sortKeys(keys.slice(at, at + atOnce)));
    yield;
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(yield* merge(runs[at] as string[], runs[at + 1] ?? []));
    runs = merged;
  }
  return runs[0] as string[];
}

function* merge(left: string[], right: string[]): Steps<string[]> {
  const all: string[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const takesLeft = j >= right.length || (i < left.length && compareCodePoints(left[i]!, right[j]!) <= 0);
    all.push((takesLeft ? left[i++] : right[j++]) as string);
    if (all.length % atOnce === 0) yield;
  }
  return all;
}
