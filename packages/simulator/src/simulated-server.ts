import type { Endpoint } from '@myelin/api';
import type { SqliteDatabase } from '@myelin/database';
import {
  assembleServer,
  InProcessServer,
  MemoryMediaFiles,
  noLimits,
  silentLog,
  testConfig,
  type Assembly,
  type Config,
  type FederationRequest,
  type FederationTransport,
  type InProcessCall,
} from '@myelin/homeserver';
import type { Resolver } from '@myelin/runtime';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Life {
  readonly database: SqliteDatabase;
  readonly timers: ReturnType<VirtualTime['timers']>;
  readonly assembly: Assembly;
  readonly calls: InProcessServer;
  /** Ends the calls that are under way. */
  readonly underWay: Set<(lost: ConnectionLost) => void>;
}

export interface SimulatedServerOptions {
  /** Options of homeserver.yaml that differ from those of tests. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The way to other servers; without one there are none. */
  readonly transport?: FederationTransport;
  /** By how much the server's clock is ahead, in ms. */
  readonly clockSkewMs?: number;
  /** Called at each start, before the server works. */
  readonly onAssembled?: (core: Assembly['core']) => void;
}

const noNames: Resolver = { addresses: async () => [], services: async () => [] };

/** Configurations by their options: reading one costs as much as starting half a server, and they are frozen. */
const configs = new Map<string, Config>();
const mostConfigs = 200;

function configOf(options: Readonly<Record<string, unknown>>): Config {
  const text = JSON.stringify(options);
  let config = configs.get(text);
  if (!config) {
    if (configs.size >= mostConfigs) configs.clear();
    configs.set(text, (config = testConfig(options)));
  }
  return config;
}

/** The call was cut off by a crash, or the server is down: whether it took effect isn't known. */
export class ConnectionLost extends Error {}

/** A whole homeserver without sockets, on virtual time, that can be killed and started again on the same disk. */
export class SimulatedServer {
  readonly #time: VirtualTime;
  readonly #disk: SimulatedDisk;
  readonly #random: SeededRandom;
  readonly #mediaFiles = new MemoryMediaFiles();
  /** What went wrong inside the server: there must be nothing. */
  readonly faults: unknown[] = [];
  readonly #options: SimulatedServerOptions;
  readonly #config: Config;
  #life: Life | undefined;

  constructor(time: VirtualTime, disk: SimulatedDisk, random: SeededRandom, options: SimulatedServerOptions = {}) {
    this.#options = options;
    // No request goes out over a real network: there is nothing to deny.
    this.#config = configOf({ ip_range_blacklist: [], ...options.config });
    this.#time = time;
    this.#disk = disk;
    this.#random = random;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  async start(): Promise<void> {
    const timers = this.#time.timers();
    const { transport, clockSkewMs = 0, onAssembled } = this.#options;
    const { clock } = this.#time;
    const ownClock = { now: () => clock.now() + clockSkewMs, monotonic: () => clock.monotonic() };
    const runtime = { clock: ownClock, timers, random: this.#random };
    const database = await this.#disk.open(runtime);
    const assembly = await assembleServer(this.#config, runtime, database, silentLog, {
      mediaFiles: this.#mediaFiles,
      resolver: noNames,
      ...(transport && { federationTransport: transport }),
    });
    onAssembled?.(assembly.core);
    const routes = assembly.wiring.resources.flatMap((each) => each.routes);
    const onFault = (fault: unknown): void => void this.faults.push(fault);
    const { servers } = assembly.wiring;
    const calls = new InProcessServer(routes, assembly.core.sessions, noLimits, onFault, servers);
    this.#life = { database, timers, assembly, calls, underWay: new Set() };
    await assembly.wiring.start();
  }

  /** Ends at once, as by kill -9: what wasn't on the disk is gone, who waits for an answer gets none. */
  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.timers.stop();
    life.database.crash();
    const lost = new ConnectionLost();
    for (const end of life.underWay) end(lost);
  }

  /** Throws ConnectionLost if the server is down or dies meanwhile. */
  async call(endpoint: Endpoint, call: InProcessCall): Promise<{ status: number; body: unknown }> {
    return this.#whileAlive((life) => life.calls.call(endpoint, call));
  }

  /** A request of another server, as it comes over the wire. Throws ConnectionLost like `call`. */
  exchange({ method, path, headers, body }: FederationRequest): Promise<{ status: number; text: string }> {
    return this.#whileAlive((life) => life.calls.exchange({ method, url: path, headers, body }));
  }

  /** The running server from inside: for comparisons, figures, and who looks into a seed that fails. Throws ConnectionLost. */
  get core(): Assembly['core'] {
    if (!this.#life) throw new ConnectionLost();
    return this.#life.assembly.core;
  }

  #whileAlive<T>(task: (life: Life) => Promise<T>): Promise<T> {
    const life = this.#life;
    if (!life) return Promise.reject(new ConnectionLost());
    return new Promise((resolve, reject) => {
      life.underWay.add(reject);
      task(life)
        .then(resolve, reject)
        .finally(() => life.underWay.delete(reject));
    });
  }

  /** Makes an account with a session; resolves to its access token. */
  async addUser(userId: string): Promise<string> {
    const { core } = this;
    return core.database.transact(async (writer) => {
      const user = await core.names.user(writer, userId);
      await core.accounts.create(writer, user, userId, { passwordHash: undefined });
      const session = await core.sessions.begin(writer, user, {
        deviceId: 'SIM',
        displayName: undefined,
        refreshable: false,
      });
      return session.accessToken;
    });
  }
}
