import { foldCase } from '../matching/case-fold.ts';
import { compileGlob, type Glob } from '../matching/glob.ts';

/** A list of globs for host names, case-folded. Plain names and `*.domain` are looked up, only other globs are tried. */
export class ServerPatterns {
  readonly #names = new Set<string>();
  /** `.domain` of patterns `*.domain`. */
  readonly #domains = new Set<string>();
  readonly #globs: readonly Glob[];

  constructor(patterns: readonly string[]) {
    const others = new Set<string>();
    for (const pattern of patterns) {
      const folded = foldCase(pattern);
      if (!/[*?]/.test(folded)) this.#names.add(folded);
      else if (/^\*\.[^*?]*$/.test(folded)) this.#domains.add(folded.slice(1));
      else others.add(folded);
    }
    this.#globs = Array.from(others, (pattern) => compileGlob(pattern));
  }

  /** `host` is case-folded. */
  matches(host: string): boolean {
    if (this.#names.has(host)) return true;
    if (this.#domains.size > 0) {
      for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        if (this.#domains.has(host.slice(dot))) return true;
      }
    }
    return this.#globs.some((glob) => glob.matches(host));
  }
}
