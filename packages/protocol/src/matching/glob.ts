import { CodePointGlob, codePointsOf } from './code-point-glob.ts';
import { minimalLength, parseGlob } from './glob-pattern.ts';
import { literalGlobMatches, literalWordGlobMatches } from './literal-glob.ts';

/** A compiled glob. Matching takes time in proportion to the length of the text, whatever pattern and text are. */
export interface Glob {
  matches(text: string): boolean;
  /** Steps for each character of the text, at most: 1 without `?`, else more the longer the pattern is. */
  readonly cost: number;
}

export interface GlobOptions {
  /** `word`: a substring that starts and ends at word boundaries must match, not the whole text. */
  readonly match?: 'whole' | 'word';
  /** false: `?` stands for itself. */
  readonly questionMark?: boolean;
}

/**
 * Compiles a glob (Appendices, "Glob-style matching"): `*` matches any number of characters, `?` exactly one code point,
 * everything else itself; there is no escape. Case counts: fold pattern and text before with foldCase where it mustn't.
 */
export function compileGlob(pattern: string, options: GlobOptions = {}): Glob {
  const parsed = parseGlob(pattern, options.questionMark ?? true);
  const { segments } = parsed;
  const word = options.match === 'word';
  const minimum = minimalLength(parsed);
  let general: CodePointGlob | undefined;
  const matchesGenerally = (text: string): boolean => {
    general ??= new CodePointGlob(parsed);
    return word ? general.matchesWords(codePointsOf(text)) : general.matchesWhole(codePointsOf(text));
  };

  if (parsed.hasQuestionMark) {
    general = new CodePointGlob(parsed);
    return { cost: 1 + general.cost, matches: (text) => text.length >= minimum && matchesGenerally(text) };
  }
  if (word) {
    return { cost: 1, matches: (text) => literalWordGlobMatches(segments, text) ?? matchesGenerally(text) };
  }
  return { cost: 1, matches: (text) => literalGlobMatches(segments, text) };
}

/** Whether the text contains the word at word boundaries; no character of the word is a wildcard. */
export function containsWord(text: string, word: string): boolean {
  const found = literalWordGlobMatches([word], text);
  if (found !== undefined) return found;
  return new CodePointGlob({ segments: [word], hasQuestionMark: false }).matchesWords(codePointsOf(text));
}
