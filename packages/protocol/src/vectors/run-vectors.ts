import { basename } from 'node:path';
import { categories } from './categories/index.ts';
import type { Category, Vector } from './category.ts';
import { judge } from './judge.ts';
import { readVectors } from './read-vectors.ts';
import { readVerdicts } from './read-verdicts.ts';

export interface RunOptions {
  readonly verbose: boolean;
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** The category that a vector's id or else its file's name begins with. */
function categoryOf(vector: Vector, file: string): Category | undefined {
  return (
    categories.find(({ name }) => vector.id.startsWith(`${name}/`)) ??
    categories.find(({ name }) => file === name || file.startsWith(`${name}.`) || file.startsWith(`${name}-`))
  );
}

/**
 * Judges files of vectors: writes the ids that disagree, then a line for each file. Answers with the exit code: 1 if any
 * disagrees.
 */
export function runVectors(paths: readonly string[], { verbose, write, warn }: RunOptions): 0 | 1 {
  const summary: string[] = [];
  let failed = false;
  for (const path of paths) {
    const file = basename(path);
    if (!/\.jsonl(\.gz)?$/.test(file)) {
      warn(`${file}: not a .jsonl or .jsonl.gz file, passed over\n`);
      continue;
    }
    const groups = Map.groupBy(readVectors(path), (vector) => categoryOf(vector, file));
    let agree = 0;
    let disagree = 0;
    let onPurpose = 0;
    for (const [category, vectors] of groups) {
      if (!category) {
        write(`${file}: ${vectors.length} vectors of an unknown category\n`);
        disagree += vectors.length;
        continue;
      }
      const result = judge(category, readVerdicts(category.name), vectors);
      agree += result.agree;
      disagree += result.disagree.length;
      onPurpose += result.onPurpose;
      for (const { id, why } of result.disagree)
        write(verbose ? `${printable(id)} ${printable(why)}\n` : `${printable(id)}\n`);
    }
    failed ||= disagree > 0;
    summary.push(`${file}: ${agree} agree, ${disagree} disagree, ${onPurpose} differ from Synapse on purpose\n`);
  }
  write(summary.join(''));
  return failed ? 1 : 0;
}

/** Vectors hold text that is hostile to terminals. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).slice(0, 2000);
}
