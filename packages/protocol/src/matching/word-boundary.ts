/** By UTF-16 unit: whether it is one of A-Z, a-z, 0-9 and _. */
const wordUnits = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_') {
  wordUnits[character.charCodeAt(0)] = 1;
}

export function isWordUnit(unit: number): boolean {
  return wordUnits[unit] === 1;
}

/**
 * Whether a substring may start or end at this index: at the ends of the text, and where the unit before or the unit
 * behind isn't a word character (Client-Server API, "Push rules": event_match on content.body).
 */
export function isWordBoundary(text: string, index: number): boolean {
  if (index <= 0 || index >= text.length) return true;
  return wordUnits[text.charCodeAt(index - 1)] !== 1 || wordUnits[text.charCodeAt(index)] !== 1;
}
