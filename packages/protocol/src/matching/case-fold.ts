/**
 * The form of a text in which two texts that differ only in case are equal. One code point stays one code point, so that
 * `?` of a glob means the same before and after; the specification leaves the exact meaning of "case-insensitive" to the
 * server (Client-Server API, "Push rules").
 */
export function foldCase(text: string): string {
  // U+0130 is the only character whose lower case is longer than itself.
  if (!text.includes('\u0130')) return text.toLowerCase();
  return text
    .split('\u0130')
    .map((part) => part.toLowerCase())
    .join('\u0130');
}
