/** What others have chosen goes to a terminal: nothing that moves its cursor, and not without an end. */
export function printable(text: string): string {
  const clean = text.replaceAll(/\p{C}/gu, '?');
  return clean.length > 500 ? `${clean.slice(0, 500)}…` : clean;
}
