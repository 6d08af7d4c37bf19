import { parseWithSigil, type LocalpartAndServer } from './sigil.ts';

/**
 * Parses a user id as servers must accept it in events, historical ones included (Appendices, "Historical User IDs"): its
 * localpart may have any characters but `:` and NUL and may be empty. undefined if it isn't one.
 */
export function parseUserId(text: string): LocalpartAndServer | undefined {
  return parseWithSigil(text, '@');
}

/**
 * Whether a user id may be told to clients outside of events: a historical one with a localpart of printable ASCII, not
 * empty. All others are non-compliant.
 */
export function isCompliantUserId(text: string): boolean {
  const parts = parseUserId(text);
  return parts !== undefined && /^[!-~]+$/.test(parts.localpart);
}

/** Whether a localpart has only the characters that new users' ids may have: a-z, 0-9 and `._=-/+`. */
export function isLocalpartForNewUser(localpart: string): boolean {
  return /^[a-z0-9._=\-/+]+$/.test(localpart);
}

/** Whether `@localpart:serverName` may be given to a new user of this server. */
export function isUserIdForNewUser(localpart: string, serverName: string): boolean {
  return isLocalpartForNewUser(localpart) && parseUserId(`@${localpart}:${serverName}`) !== undefined;
}
