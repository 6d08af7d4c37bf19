import { lookup, Resolver as DnsResolver } from 'node:dns/promises';

/** A SRV record. RFC 2782. */
export interface ServiceRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** A domain name; empty where the service is decidedly not there. */
  readonly target: string;
}

/** Where names lead. */
export interface Resolver {
  /** IPv4 and IPv6 addresses in the order to try them; empty if there are none. Throws if nobody answers. */
  addresses(host: string): Promise<readonly string[]>;
  /** SRV records, unsorted; empty if there are none. Throws if nobody answers. */
  services(name: string): Promise<readonly ServiceRecord[]>;
}

/** The name isn't there, or has no records of that kind. */
const absent = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA', 'NOTFOUND', 'NODATA']);

/** More addresses or records of one name than this aren't looked at. */
const mostRecords = 32;

/** The operating system's: addresses as everything on this machine finds them (hosts file too), services by DNS. */
export function systemResolver(): Resolver {
  const dns = new DnsResolver({ timeout: 3000, tries: 2 });
  return {
    async addresses(host) {
      const found = await orNone(lookup(host, { all: true, order: 'verbatim' }));
      return found.slice(0, mostRecords).map(({ address }) => address);
    },
    async services(name) {
      const found = await orNone(dns.resolveSrv(name));
      return found.slice(0, mostRecords).map(({ priority, weight, port, name: target }) => ({
        priority,
        weight,
        port,
        target: target === '.' ? '' : target,
      }));
    },
  };
}

async function orNone<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer;
  } catch (error) {
    if (absent.has(String((error as { code?: unknown }).code))) return [];
    throw error;
  }
}
