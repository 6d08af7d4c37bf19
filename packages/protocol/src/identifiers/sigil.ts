import { isServerName } from './server-name.ts';

/** The parts of an identifier of the form `&localpart:domain` (Appendices, "Common Identifier Format"). */
export interface LocalpartAndServer {
  readonly localpart: string;
  readonly serverName: string;
}

/** Bytes of UTF-8, sigil and domain included. */
export const maxIdentifierBytes = 255;

/**
 * Parses `&localpart:domain`: a localpart of any Unicode characters but `:` and NUL, 255 bytes at most in all. undefined
 * if it isn't one.
 */
export function parseWithSigil(text: string, sigil: '@' | '#' | '!' | '$'): LocalpartAndServer | undefined {
  if (!text.startsWith(sigil) || !fits(text)) return undefined;
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  const localpart = text.slice(1, colon);
  const serverName = text.slice(colon + 1);
  if (localpart.includes('\0') || !localpart.isWellFormed() || !isServerName(serverName)) return undefined;
  return { localpart, serverName };
}

function fits(text: string): boolean {
  if (text.length * 3 <= maxIdentifierBytes) return true;
  return text.length <= maxIdentifierBytes && Buffer.byteLength(text) <= maxIdentifierBytes;
}
