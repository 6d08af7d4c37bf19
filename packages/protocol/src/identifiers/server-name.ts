/** A server name in parts. */
export interface ServerName {
  /** Domain name, IPv4 address, or IPv6 address in square brackets, as written. */
  readonly host: string;
  /** Any number of at most five digits: one above 65535 is a name still, though nothing can be reached there. */
  readonly port: number | undefined;
  readonly hostKind: 'dns' | 'ipv4' | 'ipv6';
}

const maxHostLength = 255;
const hostAndPort = /^(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]+)(?::([0-9]{1,5}))?$/;
const dottedQuad = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;

/**
 * Parses a server name (Appendices, "Server Name"); undefined if it isn't one. Labels of a domain name may not be empty:
 * the grammar would let `a..b` and `one.test.` pass, but such names don't follow the conventions that it asks for, and no
 * other server takes them.
 */
export function parseServerName(text: string): ServerName | undefined {
  const match = hostAndPort.exec(text);
  if (!match) return undefined;
  const host = match[1] as string;
  const hostKind = kindOf(host);
  if (!hostKind) return undefined;
  return { host, port: match[2] === undefined ? undefined : Number(match[2]), hostKind };
}

export function isServerName(text: string): boolean {
  return parseServerName(text) !== undefined;
}

function kindOf(host: string): ServerName['hostKind'] | undefined {
  if (host.startsWith('[')) return URL.canParse(`http://${host}`) ? 'ipv6' : undefined;
  if (dottedQuad.test(host)) {
    return host.split('.').every((part) => part.length <= 3 && Number(part) <= 255) ? 'ipv4' : undefined;
  }
  if (host.length > maxHostLength) return undefined;
  return host.split('.').every((label) => label !== '') ? 'dns' : undefined;
}
