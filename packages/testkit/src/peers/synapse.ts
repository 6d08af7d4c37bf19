import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestClient } from '../client/test-client.ts';
import { freePort } from '../federation/federation-config.ts';
import type { Specification } from '../specification/index.ts';
import { Relay } from './relay.ts';
import { synapseConfig, synapseLogConfig } from './synapse-config.ts';
import { until } from './until.ts';

/** A real Synapse on this machine, on SQLite, that speaks with other servers over TLS. Its name is 127.0.0.1:PORT. */
export class Synapse {
  readonly serverName: string;
  /** `http://127.0.0.1:PORT`, for clients. */
  readonly baseUrl: string;
  /** The way of other servers to this one. */
  readonly relay: Relay;
  readonly #python: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(python: string, folder: string, relay: Relay, clientPort: number) {
    this.#python = python;
    this.#folder = folder;
    this.relay = relay;
    // Not localhost, as the server of ours is called: the rules of a room look at names without their ports.
    this.serverName = `127.0.0.1:${relay.port}`;
    this.baseUrl = `http://127.0.0.1:${clientPort}`;
  }

  /** `python` is one that has matrix-synapse. */
  static async start(python: string, settings: { presence: boolean; retryMs: number }): Promise<Synapse> {
    const folder = await mkdtemp(join(tmpdir(), 'myelin-synapse-'));
    const relay = await Relay.open();
    const [clientPort, federationPort] = [await freePort(), await freePort()];
    const synapse = new Synapse(python, folder, relay, clientPort);
    const { serverName } = synapse;
    const config = synapseConfig({ serverName, folder, clientPort, federationPort, ...settings });
    await writeFile(join(folder, 'homeserver.yaml'), JSON.stringify(config));
    // MYELIN_TEST_SYNAPSE_LOG: a file for everything that it says, for whoever looks into a failure.
    const log = process.env['MYELIN_TEST_SYNAPSE_LOG'] || undefined;
    const logConfig = synapseLogConfig(log ?? join(folder, 'log'), log ? 'INFO' : 'WARNING');
    await writeFile(join(folder, 'log.yaml'), JSON.stringify(logConfig));
    relay.target = federationPort;
    try {
      await synapse.resume();
    } catch (error) {
      await synapse.stop();
      throw error;
    }
    return synapse;
  }

  /** Starts it again on the data that it has. */
  async resume(): Promise<void> {
    const config = join(this.#folder, 'homeserver.yaml');
    const child = spawn(this.#python, ['-m', 'synapse.app.homeserver', '-c', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.#folder,
    });
    this.#process = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
    const isUp = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`Synapse ended with ${child.exitCode}: ${said.slice(-2000)}`);
      const answer = await fetch(`${this.baseUrl}/_matrix/client/versions`).catch(() => undefined);
      return answer?.status === 200;
    };
    await until('Synapse to start', isUp, 100_000);
  }

  /** Ends the process; its data stay. */
  async pause(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(impatience);
  }

  async stop(): Promise<void> {
    await this.pause();
    await this.relay.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  client(specification: Specification): TestClient {
    return new TestClient({ baseUrl: this.baseUrl, specification });
  }
}
