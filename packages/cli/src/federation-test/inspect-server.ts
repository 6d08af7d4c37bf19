import { isIP } from 'node:net';
import { fetchWellKnown, ServerDiscovery, type Place } from '@myelin/homeserver';
import { parseServerName } from '@myelin/protocol';
import { systemRuntime, type Clock, type OutboundHttp, type Resolver } from '@myelin/runtime';
import { inspectAnswers } from './inspect-answers.ts';
import { inspectTls } from './inspect-tls.ts';
import { Report } from './report.ts';

/** What a look at a server needs. */
export interface World {
  readonly resolver: Resolver;
  readonly clock: Clock;
  /** PEM texts of the authorities to trust. */
  readonly authorities: readonly string[];
  /** Whether the certificate of a name matters. */
  readonly verifies: (name: string) => boolean;
  /** Whether this server's configuration lets it call an address. */
  readonly mayReach: (address: string) => boolean;
  /** Whether servers elsewhere can call an address. */
  readonly isPublic: (address: string) => boolean;
  /** What is known before anything is asked. */
  readonly notes: readonly string[];
  /** HTTP with names looked up by `resolver`, certificates checked only if `verify`. */
  readonly httpWith: (resolver: Resolver, verify: boolean) => OutboundHttp;
  readonly userAgent: string;
}

const ways: Record<Place['by'], string> = {
  literal: 'its address',
  port: 'the port that the name says',
  srv: 'a SRV record _matrix-fed._tcp',
  'old-srv': 'a SRV record _matrix._tcp, which is deprecated: use _matrix-fed._tcp',
  'default-port': 'port 8448, where servers are if nothing else is said',
};

/** Looks at a server as other servers do. Server-Server API §"Resolving server names", §"Publishing keys". */
export async function inspectServer(serverName: string, world: World): Promise<Report> {
  const report = new Report();
  const name = parseServerName(serverName);
  if (!name) {
    report.wrong(`${serverName} is not a server name: it is what stands after the colon of @user:NAME`);
    return report;
  }
  report.ok(`${serverName}`);
  for (const note of world.notes) report.note(note, 1);
  const isAsked = name.hostKind === 'dns' && name.port === undefined;
  const delegated = isAsked ? await inspectWellKnown(name.host, world, report) : undefined;
  const discovery = new ServerDiscovery({
    ...world,
    random: systemRuntime.random,
    wellKnown: { serverOf: async () => delegated },
  });
  const { places } = await discovery.resolve(serverName);
  if (places.length === 0) report.wrong('its SRV record says that there is no Matrix service');
  for (const place of places.slice(0, 8)) await inspectPlace(serverName, place, world, report);
  return report;
}

async function inspectWellKnown(host: string, world: World, report: Report): Promise<string | undefined> {
  const http = world.httpWith(world.resolver, world.verifies(host));
  try {
    const { clock, userAgent } = world;
    const answer = await fetchWellKnown(host, { http, clock, userAgent, random: systemRuntime.random });
    if (answer.ok) {
      report.ok(`https://${host}/.well-known/matrix/server says ${answer.server}`, 1);
      return answer.server;
    }
    const url = `https://${host}/.well-known/matrix/server`;
    if (answer.isThere) report.wrong(`${url} is there, but others can't use it: ${answer.reason}`, 1);
    else report.note(`${url} says nothing (${answer.reason}); that is allowed`, 1);
    return undefined;
  } finally {
    await http.close();
  }
}

async function inspectPlace(serverName: string, place: Place, world: World, report: Report): Promise<void> {
  const { host, port, by } = place;
  report.ok(`${host} port ${port}: found by ${ways[by]}`, 1);
  if (by === 'old-srv') report.note('_matrix._tcp is deprecated; a record _matrix-fed._tcp should take its place', 2);
  let addresses: readonly string[] = [host];
  if (isIP(host) === 0) {
    try {
      addresses = await world.resolver.addresses(host);
    } catch (error) {
      report.wrong(`${host} could not be looked up: ${(error as Error).message}`, 2);
      return;
    }
  }
  if (addresses.length === 0) report.wrong(`${host} has no address`, 2);
  for (const address of addresses) {
    report.ok(address, 2);
    if (!world.mayReach(address)) {
      report.note('ip_range_blacklist keeps this server from calling this address', 3);
    } else if (!world.isPublic(address)) {
      report.note("this address is an inner one: servers elsewhere can't call it", 3);
    }
    await inspectAddress(serverName, place, address, world, report);
  }
}

async function inspectAddress(
  serverName: string,
  place: Place,
  address: string,
  world: World,
  report: Report,
): Promise<void> {
  const { tlsName: name, port } = place;
  const verify = world.verifies(name);
  const target = { address, port, name, authorities: world.authorities, verify };
  const outcome = await inspectTls(target, world.clock.now(), report, 3);
  if (outcome === 'closed') return;
  const pinned: Resolver = { addresses: async () => [address], services: async () => [] };
  const http = world.httpWith(pinned, outcome === 'good');
  try {
    await inspectAnswers({ serverName, place, http }, () => world.clock.now(), report, 3);
  } finally {
    await http.close();
  }
}
