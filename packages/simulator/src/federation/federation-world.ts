import type { SqliteContents } from '@myelin/database';
import type { DiskFolder, SimulatedDisk } from '../simulated-disk.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedServer } from '../simulated-server.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { GuardedServer } from './guarded-server.ts';
import { HostileAnswers } from './hostile-answers.ts';
import { HostileServer } from './hostile-server.ts';
import { PlacementWatch } from './placement-watch.ts';
import { SimulatedNetwork } from './simulated-network.ts';

/** One server of a world, and what its users are called. */
export interface WorldServer {
  readonly name: string;
  readonly server: SimulatedServer;
  readonly disk: SimulatedDisk;
  readonly watch: PlacementWatch;
  readonly guard: GuardedServer;
}

/** A server as it was when it was switched off. */
export interface FoundServer {
  readonly contents: SqliteContents;
  readonly watch: PlacementWatch;
}

/** How many servers there are that keep the rules, and how many that don't. */
export interface WorldSize {
  readonly honest: number;
  readonly hostile: number;
  /** Without the index of the search and presence, which nobody compares. */
  readonly isLean?: boolean;
}

/** Several homeservers on virtual time, with a network between them. */
export class FederationWorld {
  readonly seed: number;
  readonly servers: readonly WorldServer[];
  readonly network: SimulatedNetwork;
  readonly hostiles: readonly { readonly server: HostileServer; readonly answers: HostileAnswers }[];

  /** `found`: the first of the servers. */
  constructor(
    seed: number,
    { honest, hostile, isLean = false }: WorldSize,
    time: VirtualTime,
    folder: DiskFolder,
    found: readonly FoundServer[] = [],
  ) {
    this.seed = seed;
    const random = new SeededRandom(seed, 10);
    this.network = new SimulatedNetwork(time.timers(), new SeededRandom(seed, 11));
    this.servers = Array.from({ length: honest }, (_, i) => {
      const name = `s${i}.test`;
      const disk = folder.disk(new SeededRandom(seed, 100 + i), found[i]?.contents);
      const watch = new PlacementWatch(found[i]?.watch);
      // What is drawn after them stays what it was when the seeds that are known were found.
      random.bytes(32);
      const server = new SimulatedServer(time, disk, new SeededRandom(seed, 200 + i), {
        config: {
          server_name: name,
          signing_key: keyOf(i),
          trusted_key_servers: [],
          ...(isLean ? { enable_search: false, presence: { enabled: false } } : {}),
          // Many come at once here.
          rc_joins_per_room: { per_second: 1_000, burst_count: 1_000 },
          rc_joins: {
            local: { per_second: 1_000, burst_count: 1_000 },
            remote: { per_second: 1_000, burst_count: 1_000 },
          },
          // What the pauses after failures are in life would be an hour of virtual time, and the work of idle servers.
          federation: {
            destination_min_retry_interval: '2s',
            destination_retry_multiplier: 2,
            destination_max_retry_interval: '20s',
          },
        },
        transport: this.network.transport(name),
        onAssembled: (core) => watch.attach(core),
        // Clocks of real servers differ.
        clockSkewMs: random.below(4_000) - 2_000,
      });
      const guard = new GuardedServer(name, server, (origin) => origin.startsWith('evil'));
      this.network.attach(name, guard);
      return { name, server, disk, watch, guard };
    });
    this.hostiles = Array.from({ length: hostile }, (_, i) => {
      const name = `evil${i}.test`;
      const transport = this.network.transport(name);
      const server = new HostileServer({ name, random: new SeededRandom(seed, 300 + i), clock: time.clock, transport });
      const answers = new HostileAnswers(server);
      this.network.attach(name, answers);
      return { server, answers };
    });
  }

  async start(): Promise<void> {
    for (const { server } of this.servers) await server.start();
  }

  /** Of all servers. */
  get names(): string[] {
    return [...this.servers, ...this.hostiles.map(({ server }) => server)].map(({ name }) => name);
  }

  end(): void {
    for (const { server, disk } of this.servers) {
      server.crash();
      disk.remove();
    }
  }
}

/** The key of a server is the same in each world: its configuration is read once in a process. */
function keyOf(server: number): string {
  const secret = Buffer.from(new SeededRandom(server, 12).bytes(32));
  return `ed25519 a_key ${secret.toString('base64').replace(/=+$/, '')}`;
}
