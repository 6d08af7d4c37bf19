/** Stands in until the grammars are written; replaced by them. */
export function parseUserId(text: string): { localpart: string; serverName: string } | undefined {
  return parse(text, '@');
}

export function parseRoomAlias(text: string): { localpart: string; serverName: string } | undefined {
  return parse(text, '#');
}

function parse(text: string, sigil: string): { localpart: string; serverName: string } | undefined {
  const colon = text.indexOf(':');
  if (!text.startsWith(sigil) || colon < 2 || colon === text.length - 1 || Buffer.byteLength(text) > 255) return undefined;
  return { localpart: text.slice(1, colon), serverName: text.slice(colon + 1) };
}
