import { parseWithSigil, type LocalpartAndServer } from './sigil.ts';
import type { RoomVersion } from '../room-versions.ts';

/** An event id: with a domain in room versions 1 and 2, a hash later. */
export type EventIdParts =
  | ({ readonly form: 'domain' } & LocalpartAndServer)
  | { readonly form: 'base64' | 'base64url'; readonly referenceHash: string };

const base64 = /^\$[A-Za-z0-9+/]{43}$/;
const base64url = /^\$[A-Za-z0-9_-]{43}$/;

/**
 * Parses an event id of any room version (Appendices, "Event IDs"); undefined if it isn't one. A hash that has neither
 * `+`, `/`, `-` nor `_` is of both alphabets and comes out as base64url.
 */
export function parseEventId(text: string): EventIdParts | undefined {
  if (base64url.test(text)) return { form: 'base64url', referenceHash: text.slice(1) };
  if (base64.test(text)) return { form: 'base64', referenceHash: text.slice(1) };
  const parts = parseWithSigil(text, '$');
  return parts === undefined || parts.localpart === '' ? undefined : { form: 'domain', ...parts };
}

/** Whether this can be the id of an event of a room version. */
export function isEventIdOfVersion(text: string, version: RoomVersion): boolean {
  if (version.eventIdFormat === 'base64') return base64.test(text);
  if (version.eventIdFormat === 'base64url') return base64url.test(text);
  return parseEventId(text)?.form === 'domain';
}
