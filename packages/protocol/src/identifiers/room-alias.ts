import { parseWithSigil, type LocalpartAndServer } from './sigil.ts';

/** Parses a room alias (Appendices, "Room Aliases"); undefined if it isn't one. */
export function parseRoomAlias(text: string): LocalpartAndServer | undefined {
  const parts = parseWithSigil(text, '#');
  return parts?.localpart === '' ? undefined : parts;
}
