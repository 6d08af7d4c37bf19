import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** Which addresses requests may reach: those that aren't denied, and of the denied those that are allowed all the same. */
export class AddressRules {
  readonly #denied: readonly Range[];
  readonly #allowed: readonly Range[];

  /** Ranges as CIDR or single addresses. Throws an Error that names the wrong one. */
  constructor(denied: readonly string[], allowed: readonly string[] = []) {
    this.#denied = denied.map(rangeOf);
    this.#allowed = allowed.map(rangeOf);
  }

  /** What isn't an address isn't allowed. */
  allows(address: string): boolean {
    const bare = address.startsWith('[') ? address.slice(1, -1) : address;
    if (!ipaddr.isValid(bare)) return false;
    const meant = meanings(ipaddr.parse(bare));
    const isIn = (ranges: readonly Range[]): boolean =>
      meant.some((each) => ranges.some((range) => isWithin(each, range)));
    return !isIn(this.#denied) || isIn(this.#allowed);
  }
}

/** The address, and the IPv4 address that leads there in the clothes of an IPv6 one. */
function meanings(address: Address): Address[] {
  if (address instanceof ipaddr.IPv4) return [address];
  const bytes = address.toByteArray();
  const embedded = (at: number): Address => ipaddr.fromByteArray(bytes.slice(at, at + 4));
  switch (address.range()) {
    case 'ipv4Mapped':
      return [address, embedded(12)];
    // 64:ff9b::/96, RFC 6052.
    case 'rfc6052':
      return [address, embedded(12)];
    // 2002::/16, RFC 3056.
    case '6to4':
      return [address, embedded(2)];
    default:
      // ::/96, IPv4-compatible (RFC 4291 §2.5.5.1).
      return bytes.slice(0, 12).every((byte) => byte === 0) ? [address, embedded(12)] : [address];
  }
}

function isWithin(address: Address, [network, bits]: Range): boolean {
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, bits);
  return network instanceof ipaddr.IPv6 && address.match(network, bits);
}

function rangeOf(text: string): Range {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address instanceof ipaddr.IPv4 ? 32 : 128];
  } catch {
    throw new Error(`${text} is not an IP address or a range of them`);
  }
}
