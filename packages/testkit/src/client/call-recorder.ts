import { appendFileSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { threadId } from 'node:worker_threads';

/** A line of what the tests called, as `scripts/generate-docs.ts` reads it. */
export interface RecordedCall {
  /** `api operationId`, e.g. `client-server sendMessage`; absent for what the specification doesn't have. */
  operation?: string;
  /** Method and path, e.g. `GET /_matrix/client/versions`; parameters as `{}` where they are known to be such. */
  route: string;
  status: number;
  /** The test file, relative to the root of the workspace. */
  file: string;
  /** By a helper verb on the way to something else, not by the test's own hand. */
  helper: boolean;
}

/** Notes which operations were called, and did what they are for, in which test file; each line once. */
export class CallRecorder {
  readonly #file: string;
  readonly #seen = new Set<string>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `calls-${process.pid}-${threadId}.jsonl`);
  }

  record(call: Omit<RecordedCall, 'file'>): void {
    const path = currentTestFile();
    if (path === undefined || call.status >= 400) return;
    const line = JSON.stringify({ ...call, file: relative(process.cwd(), path).replaceAll('\\', '/') });
    if (this.#seen.has(line)) return;
    this.#seen.add(line);
    appendFileSync(this.#file, `${line}\n`);
  }
}

/** The test file that vitest runs in this thread. */
function currentTestFile(): string | undefined {
  const worker = (globalThis as { __vitest_worker__?: { filepath?: string } }).__vitest_worker__;
  return worker?.filepath;
}
