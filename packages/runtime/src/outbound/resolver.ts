import { lookup as systemLookup, Resolver as DnsResolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { systemClock, type Clock } from '../clock.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { alternating, answersTo } from './address-questions.ts';
import { HostsFile, hostsPathOf } from './hosts-file.ts';
import { Turns } from './turns.ts';

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

/** What tests put in place of this machine's. */
interface Surroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly hostsPath: string;
  /** Name servers, `ADDRESS:PORT`; the system's if undefined. */
  readonly servers: readonly string[] | undefined;
  /** How long a name server is waited for at first, in ms. */
  readonly timeout: number;
  readonly interfaces: typeof networkInterfaces;
  /** The system's look-up (getaddrinfo), which holds a thread of libuv until it ends. */
  readonly lookup: (host: string) => Promise<readonly { readonly address: string }[]>;
}

/** Nothing in DNS can be called so (empty or long labels). */
const notAName = 'EBADNAME';

/** The name isn't there, or has no records of that kind. */
const absent = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA', 'NOTFOUND', 'NODATA', notAName]);

/** Nothing listens where DNS should be: the machine finds names in another way, if at all. */
const noNameServer = 'ECONNREFUSED';

/** More addresses or records of one name than this aren't looked at. */
const mostRecords = 32;

/** Name servers and interfaces of the machine are looked at again after so many ms: the network may have changed. */
const lookAgain = 10_000;

/**
 * Of libuv's four threads no more than two wait for getaddrinfo at any time, further look-ups wait for those. One of
 * the two is for names that DNS doesn't know, so that the other is free for names of this network.
 */
const mostUnknown = 1;
const mostWaiting = 100;

/**
 * The operating system's: the hosts file, then DNS, then whatever else the machine knows names by.
 *
 * Strangers choose whose name servers are asked, so names that may be theirs are asked of DNS without a thread that
 * waits: getaddrinfo is only for the names of this network, and for those that DNS says aren't there (search domains,
 * mDNS), one at a time.
 */
export function systemResolver(replaced: Partial<Surroundings> = {}): Resolver {
  const { clock, timers, hostsPath, lookup, ...network }: Surroundings = { ...thisMachine(), ...replaced };
  const hosts = new HostsFile(hostsPath, clock);
  const unknownNames = new Turns(mostUnknown, mostWaiting);
  const asked = askedAs(network, clock);

  const addressesOf = async (host: string): Promise<readonly string[]> => {
    if (isIP(host) !== 0) return [host];
    const written = await hosts.addressesOf(host);
    if (written) return written;
    const bySystem = async (): Promise<string[]> => (await orNone(lookup(host))).map(({ address }) => address);
    if (isOwnName(host)) return bySystem();
    const { dns, ipv6First } = asked();
    const questions = ipv6First ? [dns.resolve6(host), dns.resolve4(host)] : [dns.resolve4(host), dns.resolve6(host)];
    const answers = await answersTo(questions, timers);
    const found = alternating(answers.map((answer) => answer.found));
    if (found.length > 0) return found;
    const failures = answers.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
    const silence = failures.find((failure) => !absent.has(codeOf(failure)) && codeOf(failure) !== noNameServer);
    if (silence !== undefined) throw silence;
    return failures.some((failure) => codeOf(failure) === notAName) ? [] : unknownNames.run(bySystem);
  };

  return {
    async addresses(host) {
      return (await addressesOf(host)).slice(0, mostRecords);
    },
    async services(name) {
      const found = await orNone(asked().dns.resolveSrv(name));
      return found.slice(0, mostRecords).map(({ priority, weight, port, name: target }) => ({
        priority,
        weight,
        port,
        target: target === '.' ? '' : target,
      }));
    },
  };
}

function thisMachine(): Surroundings {
  return {
    clock: systemClock,
    timers: systemTimers,
    hostsPath: hostsPathOf(process.platform, process.env),
    servers: undefined,
    timeout: 3000,
    interfaces: networkInterfaces,
    lookup: (host) => systemLookup(host, { all: true, order: 'verbatim' }),
  };
}

/** Names that only this machine or its network can know. */
function isOwnName(host: string): boolean {
  return !host.includes('.') || host.toLowerCase().endsWith('.localhost');
}

interface Asked {
  readonly dns: DnsResolver;
  /** Whether the IPv6 internet can be reached, as far as the machine's addresses tell. */
  readonly ipv6First: boolean;
}

/** c-ares reads the system's name servers when a resolver is made, and never again: hence a new one now and then. */
function askedAs(
  { servers, timeout, interfaces }: Pick<Surroundings, 'servers' | 'timeout' | 'interfaces'>,
  clock: Clock,
): () => Asked {
  let asked: Asked | undefined;
  let since = 0;
  return () => {
    if (asked && clock.monotonic() - since < lookAgain) return asked;
    const dns = new DnsResolver({ timeout, tries: 2 });
    if (servers) dns.setServers(servers);
    asked = { dns, ipv6First: hasGlobalIpv6(interfaces) };
    since = clock.monotonic();
    return asked;
  };
}

function hasGlobalIpv6(interfaces: typeof networkInterfaces): boolean {
  try {
    return Object.values(interfaces()).some((all) => all?.some(isGlobalIpv6));
  } catch {
    // Some sandboxes don't tell.
    return false;
  }
}

/** Inner addresses and tunnels (6to4, Teredo) don't count: IPv4 is the better way then (RFC 6724 §2.1). */
function isGlobalIpv6({ family, address, internal }: { family: string; address: string; internal: boolean }): boolean {
  return family === 'IPv6' && !internal && ipaddr.isValid(address) && ipaddr.parse(address).range() === 'unicast';
}

async function orNone<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer;
  } catch (error) {
    if (absent.has(codeOf(error))) return [];
    throw error;
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code);
}
