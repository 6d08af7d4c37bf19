import { parseServerName, type ServerName } from '@myelin/protocol';
import type { Clock, Random, Resolver, ServiceRecord } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { defaultPort, type Place, type Resolution } from './place.ts';
import { inOrder } from './services.ts';
import type { WellKnownCache } from './well-known.ts';

/** SRV records are kept for so many ms: what DNS says of their time isn't told to us. */
const servicesTime = 5 * 60_000;
/** And when no name server answers, which may take long to notice, it is asked again after so many ms. */
const silenceTime = 30_000;
const mostKept = 10_000;
/** Names of hosts; those of SRV records may have underscores. */
const targetPattern = /^[\w.:-]{1,255}$/;

export interface DiscoveryParts {
  readonly resolver: Resolver;
  readonly wellKnown: Pick<WellKnownCache, 'serverOf'>;
  readonly clock: Clock;
  readonly random: Random;
}

interface Services {
  readonly records: readonly ServiceRecord[];
  readonly by: 'srv' | 'old-srv';
}

/** Where servers are, by their names. Server-Server API §"Resolving server names". */
export class ServerDiscovery {
  readonly #parts: DiscoveryParts;
  readonly #services = boundedCache<string, { found: Services | undefined; until: number }>(mostKept);

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
  }

  /** Never throws: what can't be looked up counts as absent. `serverName` must be one. */
  async resolve(serverName: string): Promise<Resolution> {
    const name = parsed(serverName);
    if (name.hostKind !== 'dns' || name.port !== undefined) {
      return { delegated: undefined, places: [fixedPlace(name, serverName)] };
    }
    const delegated = await this.#parts.wellKnown.serverOf(name.host);
    if (delegated === undefined) return { delegated, places: await this.#byService(name.host) };
    const target = parsed(delegated);
    if (target.hostKind !== 'dns' || target.port !== undefined) {
      return { delegated, places: [fixedPlace(target, delegated)] };
    }
    return { delegated, places: await this.#byService(target.host) };
  }

  /** SRV, or the default port. The names of SRV records say where to connect to, never who is there. */
  async #byService(host: string): Promise<Place[]> {
    const services = await this.#servicesOf(host);
    if (!services) return [{ host, port: defaultPort, hostHeader: host, tlsName: host, by: 'default-port' }];
    return inOrder(services.records, this.#parts.random)
      .filter(({ target, port }) => targetPattern.test(target) && port > 0 && port <= 65_535)
      .map(({ target, port }) => ({ host: target, port, hostHeader: host, tlsName: host, by: services.by }));
  }

  async #servicesOf(host: string): Promise<Services | undefined> {
    const now = this.#parts.clock.monotonic();
    const kept = this.#services.get(host);
    if (kept && now < kept.until) return kept.found;
    let found: Services | undefined;
    for (const [prefix, by] of [
      ['_matrix-fed._tcp', 'srv'],
      ['_matrix._tcp', 'old-srv'],
    ] as const) {
      let records: readonly ServiceRecord[];
      try {
        records = await this.#parts.resolver.services(`${prefix}.${host}`);
      } catch {
        // Nobody answers: what was found before holds on, else there are none.
        this.#services.set(host, { found: kept?.found, until: now + silenceTime });
        return kept?.found;
      }
      if (records.length > 0) {
        found = { records, by };
        break;
      }
    }
    this.#services.set(host, { found, until: now + servicesTime });
    return found;
  }
}

function fixedPlace(name: ServerName, written: string): Place {
  const host = name.host.replace(/^\[|\]$/g, '');
  return {
    host,
    port: name.port ?? defaultPort,
    hostHeader: written,
    tlsName: host,
    by: name.hostKind === 'dns' ? 'port' : 'literal',
  };
}

function parsed(serverName: string): ServerName {
  const name = parseServerName(serverName);
  if (!name) throw new Error('That is not a server name');
  return name;
}
