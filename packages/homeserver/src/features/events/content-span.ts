/** How most events begin: with the ids of their auth events. */
const usualStart = /^\{"auth_events":\[(?:"[^"\\]*",?)*\],(?="content":)/;

/**
 * Where the value of the top-level key `content` stands in the text of an event, so that clients can be given the text
 * as it is stored. The text is one JSON object without white space between its parts (canonical JSON).
 */
export function contentSpan(text: string): readonly [start: number, end: number] {
  const passed = usualStart.exec(text)?.[0].length ?? 0;
  let depth = passed === 0 ? 0 : 1;
  let keyStart = -1;
  let atKey = passed > 0;
  let start = -1;
  for (let i = passed; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22 /* " */) {
      const open = i;
      i++;
      for (let c = text.charCodeAt(i); c !== 0x22; c = text.charCodeAt(++i)) if (c === 0x5c /* \ */) i++;
      if (depth === 1 && atKey) {
        keyStart = open;
        atKey = false;
        if (start < 0 && text.startsWith('"content":', keyStart)) {
          start = i + 2;
        }
      }
    } else if (char === 0x7b /* { */ || char === 0x5b /* [ */) {
      depth++;
      atKey = depth === 1 && char === 0x7b;
    } else if (char === 0x7d /* } */ || char === 0x5d /* ] */) {
      if (depth === 1 && start >= 0) return [start, i];
      depth--;
    } else if (char === 0x2c /* , */ && depth === 1) {
      if (start >= 0) return [start, i];
      atKey = true;
    }
  }
  throw new Error('An event without content');
}
