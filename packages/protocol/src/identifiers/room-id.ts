import { parseWithSigil, type LocalpartAndServer } from './sigil.ts';

/** A room id: with a domain in room versions 1 to 11, without (the id of the create event) from 12 on. */
export type RoomIdParts =
  | ({ readonly form: 'domain' } & LocalpartAndServer)
  | { readonly form: 'hash'; readonly createEventId: string };

/** 32 bytes in URL-safe unpadded base64; the last digit has two bits that mean nothing and needn't be zero. */
const hash = /^![A-Za-z0-9_-]{43}$/;

/** Parses a room id of any room version (Appendices, "Room IDs"); undefined if it isn't one. */
export function parseRoomId(text: string): RoomIdParts | undefined {
  if (hash.test(text)) return { form: 'hash', createEventId: `$${text.slice(1)}` };
  const parts = parseWithSigil(text, '!');
  return parts === undefined || parts.localpart === '' ? undefined : { form: 'domain', ...parts };
}

export function isRoomId(text: string): boolean {
  return parseRoomId(text) !== undefined;
}
