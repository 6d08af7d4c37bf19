import { parseServerName } from '@myelin/protocol';
import { networkOf } from '../../http/index.ts';

/**
 * Whose server a name probably is: the last two labels of a domain, the /24 of an IPv4 address, the /64 of an IPv6 one.
 * Whoever has one of these can make up names in it without number.
 */
export function sourceOf(serverName: string): string {
  const name = parseServerName(serverName);
  if (!name) return serverName;
  if (name.hostKind === 'ipv4') return name.host.split('.').slice(0, 3).map(Number).join('.');
  // Brackets away, and one way of writing it.
  if (name.hostKind === 'ipv6') return networkOf(new URL(`http://${name.host}`).hostname.slice(1, -1));
  return name.host.toLowerCase().split('.').slice(-2).join('.');
}
