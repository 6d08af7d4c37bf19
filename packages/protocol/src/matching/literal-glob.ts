import { isWordBoundary } from './word-boundary.ts';

/** Searches for a word give up after so many places that aren't at word boundaries: from there on the cost isn't linear. */
const maxTries = 16;

/** Whether the whole text matches segments with anything between them. None of them has wildcards. */
export function literalGlobMatches(segments: readonly string[], text: string): boolean {
  const first = segments[0] as string;
  const last = segments[segments.length - 1] as string;
  if (segments.length === 1) return text === first;
  if (first.length + last.length > text.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  return skipMiddle(segments, text, first.length, text.length - last.length) !== -1;
}

/**
 * Whether a substring that starts and ends at word boundaries matches; undefined: the text is so repetitive that
 * SegmentSearch must tell.
 */
export function literalWordGlobMatches(segments: readonly string[], text: string): boolean | undefined {
  const first = segments[0] as string;
  if (segments.length === 1) {
    const at = findAtBoundary(text, first, 0, true, true);
    return at === undefined ? undefined : at !== -1;
  }
  // A `*` at the beginning reaches to the beginning of the text, where there is a boundary; so does one at the end.
  const start = first === '' ? 0 : findAtBoundary(text, first, 0, true, false);
  if (start === undefined || start === -1) return start === undefined ? undefined : false;
  const from = skipMiddle(segments, text, start + first.length, text.length);
  if (from === -1) return false;
  const last = segments[segments.length - 1] as string;
  if (last === '') return true;
  const end = findAtBoundary(text, last, from, false, true);
  return end === undefined ? undefined : end !== -1;
}

/** Finds all segments but the first and the last, each as far left as it can be; -1 if there is one that isn't found. */
function skipMiddle(segments: readonly string[], text: string, from: number, limit: number): number {
  let at = from;
  for (let i = 1; i < segments.length - 1; i++) {
    const segment = segments[i] as string;
    const found = text.indexOf(segment, at);
    if (found === -1 || found + segment.length > limit) return -1;
    at = found + segment.length;
  }
  return at;
}

function findAtBoundary(
  text: string,
  word: string,
  from: number,
  boundaryBefore: boolean,
  boundaryBehind: boolean,
): number | undefined {
  let tries = 0;
  for (let at = text.indexOf(word, from); at !== -1; at = text.indexOf(word, at + 1)) {
    const fits =
      (!boundaryBefore || isWordBoundary(text, at)) && (!boundaryBehind || isWordBoundary(text, at + word.length));
    if (fits) return at;
    if (++tries === maxTries) return undefined;
    if (at >= text.length) return -1;
  }
  return -1;
}
