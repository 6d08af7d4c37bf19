import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './verdict.ts';

/** The folder of the project's own vectors and verdicts. */
export const vectorsFolder = join(import.meta.dirname, '../../vectors');

/** The verdicts of a category: `vectors/verdicts/<category>.json`. */
export function readVerdicts(category: string): Verdict[] {
  const path = join(vectorsFolder, 'verdicts', `${category}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Verdict[]) : [];
}
