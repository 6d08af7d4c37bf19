/** A glob cut at its `*`s. One segment means that there is no `*`. Segments in the middle aren't empty. */
export interface GlobPattern {
  readonly segments: readonly string[];
  /** Whether `?` stands for one code point and occurs. */
  readonly hasQuestionMark: boolean;
}

/** `questionMark: false` for globs that know `*` only: there `?` stands for itself. */
export function parseGlob(pattern: string, questionMark: boolean): GlobPattern {
  const all = pattern.split('*');
  const last = all.length - 1;
  const segments = all.filter((segment, index) => index === 0 || index === last || segment !== '');
  return { segments, hasQuestionMark: questionMark && pattern.includes('?') };
}

/** The fewest UTF-16 units that a matching text has. */
export function minimalLength(pattern: GlobPattern): number {
  return pattern.segments.reduce((sum, segment) => sum + segment.length, 0);
}
