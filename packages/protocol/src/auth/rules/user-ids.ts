/** PLACEHOLDER until src/identifiers stands. */
export function isValidUserId(text: string): boolean {
  return text.startsWith('@') && text.includes(':');
}
