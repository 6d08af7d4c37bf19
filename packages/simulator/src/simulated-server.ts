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
  type InProcessCall,
} from '@myelin/homeserver';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Life {
  readonly database: SqliteDatabase;
  readonly timers: ReturnType<VirtualTime['timers']>;
  readonly assembly: Assembly;
  readonly calls: InProcessServer;
  readonly crashed: AbortController;
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
  #life: Life | undefined;

  constructor(time: VirtualTime, disk: SimulatedDisk, random: SeededRandom) {
    this.#time = time;
    this.#disk = disk;
    this.#random = random;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  async start(): Promise<void> {
    const timers = this.#time.timers();
    const runtime = { clock: this.#time.clock, timers, random: this.#random };
    const database = await this.#disk.open(runtime);
    const config = testConfig();
    const assembly = await assembleServer(config, runtime, database, silentLog, { mediaFiles: this.#mediaFiles });
    const routes = assembly.wiring.resources.flatMap((each) => each.routes);
    const calls = new InProcessServer(routes, assembly.core.sessions, noLimits, (fault) => this.faults.push(fault));
    this.#life = { database, timers, assembly, calls, crashed: new AbortController() };
  }

  /** Ends at once, as by kill -9: what wasn't on the disk is gone, who waits for an answer gets none. */
  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.timers.stop();
    life.database.crash();
    life.crashed.abort();
  }

  /** Throws ConnectionLost if the server is down or dies meanwhile. */
  async call(endpoint: Endpoint, call: InProcessCall): Promise<{ status: number; body: unknown }> {
    const life = this.#life;
    if (!life) throw new ConnectionLost();
    const lost = new Promise<never>((_resolve, reject) => {
      life.crashed.signal.addEventListener('abort', () => reject(new ConnectionLost()), { once: true });
    });
    return Promise.race([life.calls.call(endpoint, call), lost]);
  }

  /** Makes an account with a session; resolves to its access token. */
  async addUser(userId: string): Promise<string> {
    const life = this.#life;
    if (!life) throw new ConnectionLost();
    const { core } = life.assembly;
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
