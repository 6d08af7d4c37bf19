import { migrate, openDatabase, type Database } from '@myelin/database';
import { Breather, systemRuntime, type Runtime } from '@myelin/runtime';
import type { Config } from './config/index.ts';
import { createCore, type Core } from './core.ts';
import { checkServerName } from './features/server-name/index.ts';
import { ResolutionThread, type LargeResolutions } from './features/state-resolution/index.ts';
import { ConfiguredLimits, defaultPatience, type Patience } from './http/index.ts';
import { openListeners, type OpenListener } from './listeners.ts';
import { allMigrations } from './migrations.ts';
import { areaLog } from './observability/area-log.ts';
import { createLog, type Log } from './observability/log.ts';
import { Metrics } from './observability/metrics.ts';
import { requestObserver } from './observability/request-observer.ts';
import { version } from './version.ts';
import { wireFeatures, type Wiring, type WiringPorts } from './wiring.ts';

/** The schema that this code makes, and the lowest version of code that can work with it. */
export const schemaVersions = { version: 1, compatVersion: 1 };

export interface StartOptions {
  readonly runtime?: Runtime;
  readonly log?: Log;
  /** A database that is open already (tests, simulator): it isn't closed with the server. */
  readonly database?: Database;
  /** How long slow clients are waited for. */
  readonly patience?: Patience;
  /** What stands outside of the server and is given in another form (tests). */
  readonly ports?: WiringPorts;
}

export interface RunningServer {
  readonly listeners: readonly OpenListener[];
  /** Ends long polls, finishes what is under way, closes the database. */
  stop(): Promise<void>;
}

/** A homeserver without its listeners. */
export interface Assembly {
  readonly core: Core;
  readonly metrics: Metrics;
  readonly wiring: Wiring;
}

/** Brings the database up to date and puts the server together: all but the network. */
export async function assembleServer(
  config: Config,
  runtime: Runtime,
  database: Database,
  log: Log,
  ports: WiringPorts = {},
  large?: LargeResolutions,
): Promise<Assembly> {
  await migrate(database, allMigrations, schemaVersions);
  await checkServerName(database, config.server.name);
  const core = await createCore(config, runtime, database, large);
  const metrics = new Metrics(config.server.name, version, servesMetrics(config));
  const wiring = await wireFeatures(core, log, metrics, ports);
  return { core, metrics, wiring };
}

/** Starts a homeserver; resolves when it answers. Throws errors whose message is for the administrator. */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const runtime = options.runtime ?? systemRuntime;
  const log = options.log ?? createLog(config.logging);
  const database = options.database ?? (await openDatabase(databaseOptions(config), runtime));
  const thread = options.database ? undefined : resolutionThread(config, runtime, log);
  const closeDatabase = async (): Promise<void> => {
    await thread?.stop();
    if (!options.database) await database.close();
  };
  try {
    const { core, metrics, wiring } = await assembleServer(
      config,
      runtime,
      database,
      log,
      options.ports,
      thread && { thread },
    );
    let requests = 0;
    const listeners = await openListeners(config, wiring.resources, {
      authenticator: core.sessions,
      servers: wiring.servers,
      limits: new ConfiguredLimits(runtime.clock, config.rateLimits),
      observer: requestObserver(log, config.logging, metrics),
      nextRequestId: () => `req-${++requests}`,
      monotonic: () => runtime.clock.monotonic(),
      breathe: () => new Breather(runtime.clock, runtime.timers),
      waiting: new Set(),
      patience: options.patience ?? defaultPatience,
    });
    await wiring.start();
    return {
      listeners: listeners.open,
      async stop() {
        wiring.prepareStop();
        // What waits for the thread would keep the listeners open.
        void thread?.stop();
        await listeners.close();
        await wiring.stop();
        await closeDatabase();
      },
    };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
}

function servesMetrics({ listeners }: Config): boolean {
  return listeners.some(({ resources }) => resources.has('metrics'));
}

/** Large state resolutions get a thread where there may be threads, and a database that can be opened a second time. */
function resolutionThread(config: Config, { threads, timers }: Runtime, log: Log): ResolutionThread | undefined {
  const database = databaseOptions(config);
  if (!threads || (database.kind === 'sqlite' && database.path === ':memory:')) return undefined;
  return new ResolutionThread({ database, timers, log: areaLog(log, config.logging, 'federation') });
}

function databaseOptions(config: Config): Parameters<typeof openDatabase>[0] {
  const { database } = config;
  return database as Parameters<typeof openDatabase>[0];
}
