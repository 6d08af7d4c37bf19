import type { TestClient } from '../client/test-client.ts';
import { shiftableRuntime, type ShiftableRuntime } from '../server/shiftable-runtime.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { Specification } from '../specification/index.ts';
import { PeerUser } from './peer-user.ts';
import { Relay } from './relay.ts';
import { Synapse } from './synapse.ts';

/** Which of the two servers. */
export type Side = 'Myelin' | 'Synapse';

export const sides: readonly Side[] = ['Myelin', 'Synapse'];

export function otherSide(side: Side): Side {
  return side === 'Myelin' ? 'Synapse' : 'Myelin';
}

export interface PeersOptions {
  /** Whether people see who is there. Where nobody looks, it is only work. */
  readonly presence?: boolean;
  /** What the server of ours stands on; SQLite if not given. */
  readonly database?: 'sqlite' | 'postgres';
  /** How long Synapse leaves a server alone that fails, in milliseconds. Hardly at all if not given. */
  readonly retryMs?: number;
}

/** One server of ours and one Synapse that know each other; the way to each can be cut. */
export class Peers {
  readonly myelin: TestServer;
  readonly synapse: Synapse;
  /** What Myelin runs on. */
  readonly runtime: ShiftableRuntime;
  readonly relays: Readonly<Record<Side, Relay>>;
  readonly #specification = new Specification();

  private constructor(myelin: TestServer, runtime: ShiftableRuntime, synapse: Synapse, relay: Relay) {
    this.myelin = myelin;
    this.runtime = runtime;
    this.synapse = synapse;
    this.relays = { Myelin: relay, Synapse: synapse.relay };
  }

  static async start(
    python: string,
    { presence = false, database = 'sqlite', retryMs = 100 }: PeersOptions,
  ): Promise<Peers> {
    const relay = await Relay.open();
    const config = {
      presence: { enabled: presence },
      server_name: `localhost:${relay.port}`,
      allow_public_rooms_over_federation: true,
      room_list_publication_rules: [{ action: 'allow' }],
    };
    const runtime = shiftableRuntime();
    const myelin = await startTestServer({ federated: 0, onDisk: true, database, config, runtime });
    const { address } = myelin.config.listeners.find(({ tls }) => tls)!;
    relay.target = 'port' in address ? address.port : undefined;
    try {
      return new Peers(myelin, runtime, await Synapse.start(python, { presence, retryMs }), relay);
    } catch (error) {
      await Promise.all([myelin.stop(), relay.close()]);
      throw error;
    }
  }

  serverName(side: Side): string {
    return side === 'Myelin' ? this.myelin.serverName : this.synapse.serverName;
  }

  client(side: Side): TestClient {
    return side === 'Myelin' ? this.myelin.client({ unrecorded: true }) : this.synapse.client(this.#specification);
  }

  async register(side: Side, localpart: string): Promise<PeerUser> {
    return new PeerUser(await this.client(side).registerUser(localpart), this.serverName(side));
  }

  /** Neither server reaches the other any more. */
  part(): void {
    for (const side of sides) this.relays[side].cut();
  }

  rejoin(): void {
    for (const side of sides) this.relays[side].mend();
  }

  async stop(): Promise<void> {
    await Promise.all([this.synapse.stop(), this.myelin.stop()]);
    await this.relays.Myelin.close();
  }
}
