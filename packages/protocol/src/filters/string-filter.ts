import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { compileGlob, type Glob } from '../matching/glob.ts';

/** A list of strings that may be in it and one of those that may not. */
export class StringFilter {
  /** undefined: everything that isn't excluded. */
  readonly included: ReadonlySet<string> | undefined;
  readonly excluded: ReadonlySet<string>;
  readonly #includedGlobs: readonly Glob[];
  readonly #excludedGlobs: readonly Glob[];

  /** `*` in entries matches any characters if `wildcards`. */
  constructor(included: readonly string[] | undefined, excluded: readonly string[], wildcards = false) {
    const split = (entries: readonly string[], globs: boolean): string[] =>
      entries.filter((entry) => (wildcards && entry.includes('*')) === globs);
    const compile = (entries: readonly string[]): Glob[] =>
      split(entries, true).map((entry) => compileGlob(entry, { questionMark: false }));
    this.included = included && new Set(split(included, false));
    this.excluded = new Set(split(excluded, false));
    this.#includedGlobs = included ? compile(included) : [];
    this.#excludedGlobs = compile(excluded);
  }

  get allowsEverything(): boolean {
    return this.included === undefined && this.excluded.size === 0 && this.#excludedGlobs.length === 0;
  }

  get allowsNothing(): boolean {
    return (
      (this.included?.size === 0 && this.#includedGlobs.length === 0) ||
      this.#excludedGlobs.some((glob) => glob.matches('')) // only `*` itself, and `**`, match nothing at all
    );
  }

  /** The only strings that can pass, where there is such a list; a query may ask for just these. */
  get candidates(): readonly string[] | undefined {
    if (!this.included || this.#includedGlobs.length > 0) return undefined;
    return [...this.included].filter((value) => this.allows(value));
  }

  allows(value: string): boolean {
    if (this.excluded.has(value) || this.#excludedGlobs.some((glob) => glob.matches(value))) return false;
    if (this.included === undefined || this.included.has(value)) return true;
    return this.#includedGlobs.some((glob) => glob.matches(value));
  }
}

/** The strings of a list; undefined if there is no list. */
export function stringsOf(value: JsonValue | undefined): string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}

export function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
