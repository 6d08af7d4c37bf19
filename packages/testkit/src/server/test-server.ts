import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configFromObject,
  createLog,
  startServer,
  testOptions,
  type Config,
  type Log,
  type Patience,
  type RunningServer,
} from '@myelin/homeserver';
import type { Resolver, Runtime } from '@myelin/runtime';
import { CallRecorder } from '../client/call-recorder.ts';
import { defaultPassword, TestClient } from '../client/test-client.ts';
import { federationConfig, federationListener, freePort } from '../federation/federation-config.ts';
import { Specification } from '../specification/index.ts';
import { loopbackResolver } from './loopback-resolver.ts';
import { noRateLimits } from './no-rate-limits.ts';
import { createTestPostgres, type TestPostgres } from './test-postgres.ts';

export interface TestServerOptions {
  /** `sqlite` if not given. */
  database?: 'sqlite' | 'postgres';
  /** SQLite in a file instead of memory, so that the server can be restarted. */
  onDisk?: boolean;
  /** Top-level options of homeserver.yaml beside or instead of the test kit's. */
  config?: Readonly<Record<string, unknown>>;
  /** Speaks with other servers of this machine over TLS; the number tells their keys apart. Its name is localhost:PORT. */
  federated?: number;
  runtime?: Runtime;
  /** Where names lead, instead of one that knows this machine only. */
  resolver?: Resolver;
  /** Instead of one that tells errors only. */
  log?: Log;
  /** Instead of a minute or so. */
  patience?: Patience;
}

/** A real server on a free port of this machine. */
export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  readonly serverName: string;
  readonly config: Config;
  /** Its data folder; gone after `stop`. */
  readonly folder: string;
  readonly database: 'sqlite' | 'postgres';
  /** A client without an access token. `unrecorded`: what it calls doesn't count as a test of the endpoint. */
  client(options?: { unrecorded?: boolean }): TestClient;
  /** Registers a user and logs in. */
  registerUser(localpart: string, password?: string): Promise<TestClient>;
  /** Registers an administrator by the shared secret and logs in. */
  registerAdmin(localpart: string, password?: string): Promise<TestClient>;
  /** Stops the server and starts it again on the same data and port; `between` may open its database meanwhile. */
  restart(config?: Readonly<Record<string, unknown>>, between?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

// One a thread: compiling the specification's schemas takes longer than most tests.
const specification = new Specification();
const recorder = process.env['MYELIN_TEST_CALLS'] ? new CallRecorder(process.env['MYELIN_TEST_CALLS']) : undefined;

/** Starts a server for tests: anybody may register, passwords are cheap, nothing is limited. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'myelin-server-'));
  let postgres: TestPostgres | undefined;
  let running: RunningServer;
  let config: Config;
  const port = await freePort();
  const { federated } = options;
  const federationPort = federated === undefined ? undefined : await freePort();
  const database = options.database ?? 'sqlite';
  try {
    if (database === 'postgres') postgres = await createTestPostgres();
    running = await start({});
  } catch (error) {
    await clean();
    throw error;
  }

  const client = ({ unrecorded = false } = {}): TestClient =>
    new TestClient({ baseUrl: baseUrl(running), specification, recorder: unrecorded ? undefined : recorder });
  return {
    get baseUrl() {
      return baseUrl(running);
    },
    get config() {
      return config;
    },
    get serverName() {
      return config.server.name;
    },
    folder,
    database,
    client,
    registerUser: (localpart, password) => client().registerUser(localpart, password),
    registerAdmin: (localpart, password = defaultPassword(localpart)) => registerAdmin(client(), localpart, password),
    async restart(changes = {}, between = async () => {}) {
      if (database === 'sqlite' && !options.onDisk) throw new Error('Only a server with onDisk can be restarted');
      await running.stop();
      await between();
      running = await start(changes);
    },
    async stop() {
      try {
        await running.stop();
      } finally {
        await clean();
      }
    },
  };

  async function start(changes: Readonly<Record<string, unknown>>): Promise<RunningServer> {
    config = configFromObject({
      ...testOptions,
      ...noRateLimits,
      enable_registration: true,
      enable_registration_without_verification: true,
      registration_shared_secret: registrationSecret,
      database: databaseBlock(),
      media_store_path: join(folder, 'media'),
      ...(federated === undefined ? {} : federationConfig(federated, federationPort ?? 0)),
      listeners: [
        {
          type: 'http',
          port,
          bind_addresses: ['127.0.0.1'],
          resources: [{ names: ['client', 'federation', 'health', 'metrics'] }],
        },
        ...(federationPort === undefined ? [] : [federationListener(federationPort)]),
      ],
      ...options.config,
      ...changes,
    });
    const level = (process.env['MYELIN_TEST_LOG'] ?? 'error') as 'error';
    const log = options.log ?? createLog({ ...config.logging, levels: { ...config.logging.levels, root: level } });
    const { runtime, patience } = options;
    const server = await startServer(config, {
      log,
      ...(runtime ? { runtime } : {}),
      ...(patience ? { patience } : {}),
      ports: { resolver: options.resolver ?? loopbackResolver },
    });
    return server;
  }

  function databaseBlock(): object {
    if (postgres) return { name: 'psycopg2', args: postgres.args };
    return { name: 'sqlite3', args: { database: options.onDisk ? join(folder, 'homeserver.db') : ':memory:' } };
  }

  async function clean(): Promise<void> {
    await postgres?.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

const registrationSecret = 'registration secret of tests';

function baseUrl(server: RunningServer): string {
  const listener = server.listeners.find(({ resources }) => resources.includes('client'));
  if (!listener) throw new Error('The server has no client listener');
  return listener.address;
}

/** Shared-secret registration, as Synapse's register_new_matrix_user does it. */
async function registerAdmin(client: TestClient, username: string, password: string): Promise<TestClient> {
  const path = '/_synapse/admin/v1/register';
  const { nonce } = (await client.raw('GET', path, {}, { expect: 200 })).body;
  const mac = createHmac('sha1', registrationSecret)
    .update([nonce, username, password, 'admin'].join('\0'))
    .digest('hex');
  const body = { nonce, username, password, admin: true, mac };
  const answer = (await client.raw('POST', path, { body }, { expect: 200 })).body;
  return client.withToken(answer.access_token, answer.user_id, answer.device_id);
}
