import { getOwn, type JsonObject, type JsonValue } from '../json/value.ts';
import { foldCase } from '../matching/case-fold.ts';
import { ServerPatterns } from './server-patterns.ts';

/** A compiled m.room.server_acl event. */
export interface ServerAcl {
  readonly allowIpLiterals: boolean;
  readonly allow: ServerPatterns;
  readonly deny: ServerPatterns;
}

/**
 * Compiles the content of an m.room.server_acl event (Client-Server API, "Server Access Control Lists"). Lists that
 * aren't lists count as empty, entries that aren't strings are passed over; so nobody is allowed without a proper `allow`.
 */
export function compileServerAcl(content: JsonObject): ServerAcl {
  return {
    allowIpLiterals: getOwn(content, 'allow_ip_literals') !== false,
    allow: new ServerPatterns(stringsOf(getOwn(content, 'allow'))),
    deny: new ServerPatterns(stringsOf(getOwn(content, 'deny'))),
  };
}

/** Whether a server may take part in the room; `acl` is undefined where the room has no m.room.server_acl. */
export function isServerAllowed(acl: ServerAcl | undefined, serverName: string): boolean {
  if (acl === undefined) return true;
  const host = foldCase(withoutPort(serverName));
  if (hasControlCharacter(host)) return false; // it is no server name
  if (!acl.allowIpLiterals && isIpLiteral(host)) return false;
  return !acl.deny.matches(host) && acl.allow.matches(host);
}

/** The host of a server name; ports play no part in ACLs. */
function withoutPort(serverName: string): string {
  if (serverName.endsWith(']')) return serverName;
  const colon = serverName.lastIndexOf(':');
  return colon === -1 ? serverName : serverName.slice(0, colon);
}

function hasControlCharacter(host: string): boolean {
  for (let i = 0; i < host.length; i++) if (host.charCodeAt(i) < 0x20) return true;
  return false;
}

/** Whether a host is an IPv6 literal, in brackets, or a dotted IPv4 address (Appendices, "Server Name"). */
function isIpLiteral(host: string): boolean {
  if (host.startsWith('[')) return true;
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  return match !== null && match.slice(1).every((part) => Number(part) <= 255);
}

function stringsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
