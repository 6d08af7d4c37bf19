import { CodePointGlob, codePointsOf } from './code-point-glob.ts';
import { minimalLength, parseGlob, type GlobPattern } from './glob-pattern.ts';
import { literalGlobMatches, literalWordGlobMatches } from './literal-glob.ts';

const longestKeptPattern = 64;

/** A compiled glob. Matching takes time in proportion to the length of the text, whatever pattern and text are. */
export interface Glob {
  matches(text: string): boolean;
  /** Steps for each character of the text, at most; more the longer the pattern is. */
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
  const general = generalGlob(parsed);
  const matchesGenerally = (text: string): boolean =>
    word ? general().matchesWords(codePointsOf(text)) : general().matchesWhole(codePointsOf(text));

  const cost = 2 + Math.ceil(pattern.length / 32);
  if (parsed.hasQuestionMark) {
    const pieces = pattern.split(/[*?]+/).filter((piece) => piece !== '');
    return {
      cost,
      matches: (text) => text.length >= minimum && hasInOrder(text, pieces) && matchesGenerally(text),
    };
  }
  if (word) {
    return { cost, matches: (text) => literalWordGlobMatches(segments, text) ?? matchesGenerally(text) };
  }
  return { cost: 1, matches: (text) => literalGlobMatches(segments, text) };
}

/** Whether all pieces are found one behind the other: quickly told, and seldom so where the glob doesn't match. */
function hasInOrder(text: string, pieces: readonly string[]): boolean {
  let at = 0;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return true;
}

/** Compiled on first use. Long patterns aren't kept: compiled they are large. */
function generalGlob(pattern: GlobPattern): () => CodePointGlob {
  const keep = minimalLength(pattern) + pattern.segments.length <= longestKeptPattern;
  let kept: CodePointGlob | undefined;
  return () => {
    if (kept) return kept;
    const glob = new CodePointGlob(pattern);
    if (keep) kept = glob;
    return glob;
  };
}

/** Whether the text contains the word at word boundaries; no character of the word is a wildcard. */
export function containsWord(text: string, word: string): boolean {
  const found = literalWordGlobMatches([word], text);
  if (found !== undefined) return found;
  return new CodePointGlob({ segments: [word], hasQuestionMark: false }).matchesWords(codePointsOf(text));
}
