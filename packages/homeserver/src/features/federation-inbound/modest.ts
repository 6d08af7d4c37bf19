import type { JsonValue } from '@myelin/protocol';

/** An EDU holds at most so many values, and so many characters in its texts. */
const mostValues = 100_000;
const mostCharacters = 4_000_000;

/** Whether a value that another server sent is of a size that is looked at. */
export function isModest(value: JsonValue): boolean {
  let values = 0;
  let characters = 0;
  const waiting: JsonValue[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (++values > mostValues) return false;
    if (typeof next === 'string') characters += next.length;
    else if (Array.isArray(next)) for (const item of next) waiting.push(item);
    else if (typeof next === 'object' && next !== null) {
      for (const [key, item] of Object.entries(next)) {
        characters += key.length;
        waiting.push(item);
      }
    }
    if (characters > mostCharacters) return false;
  }
  return true;
}
