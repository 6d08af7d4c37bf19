import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, type Log } from '@myelin/homeserver';
import { parseJson } from '@myelin/protocol';

interface LoggedLine {
  readonly level: number;
  readonly msg?: string;
  readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string };
}

/** Errors that JavaScript itself throws: whoever sees one in a log has found a mistake, however it is called there. */
const mistakes: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'URIError']);

/** A log that remembers what tells of faults of the server's own. */
export class FaultWatch {
  readonly log: Log;
  readonly #folder = mkdtempSync(join(tmpdir(), 'myelin-faults-'));
  readonly #path = join(this.#folder, 'homeserver.log');
  #seen = 0;

  constructor() {
    const output = { target: 'file', path: this.#path, format: 'json', level: 'warn', rotation: undefined } as const;
    this.log = openLog({ path: undefined, outputs: [output], levels: { root: 'warn' } }).log;
  }

  /** The lines since the last look that tell of a fault. */
  take(): string[] {
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    const news = lines.slice(this.#seen, -1);
    this.#seen = lines.length - 1;
    return news.filter(isFault);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function isFault(line: string): boolean {
  const parsed = parseJson(line);
  if (!parsed.ok) return true;
  const { level, err } = parsed.value as unknown as LoggedLine;
  return level >= 50 || mistakes.has(err?.type ?? '') || (err?.stack ?? '').includes('packages/database');
}
