import { sql, type Database, type Reader } from '@myelin/database';
import type { FederationTransport } from '@myelin/homeserver';
import type { DiskFolder } from '../simulated-disk.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedServer } from '../simulated-server.ts';
import { VirtualTime } from '../virtual-time.ts';
import { FoundedRoom } from './founded-room.ts';
import { HostileServer } from './hostile-server.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { WorldUser } from './world-user.ts';

/** What one event costs the server, on average. */
export interface Cost {
  readonly cpuMs: number;
  /** Requests that the server makes. */
  readonly exchanges: number;
  /** Rows by which its database grows. */
  readonly rows: number;
  /** What it asks of the database, and tells it. */
  readonly statements: number;
}

const name = 'm.test';
const events = 20;
const limitMs = 24 * 3_600_000;

/**
 * A server in a room with many others, which are there only to be spoken with: what it costs to send an event to them, and
 * to get one from one of them. Signatures are real here. The others are in the room before the server comes: if they came
 * after it, it would tell each of all that come later.
 */
export async function measureManyServers(count: number, folder: DiskFolder): Promise<{ out: Cost; in: Cost }> {
  const time = new VirtualTime();
  const timers = time.timers();
  const network = new SimulatedNetwork(timers, new SeededRandom(count, 1));
  const disk = folder.disk(new SeededRandom(count, 2));
  let exchanges = 0;
  const transport = network.transport(name);
  const counted: FederationTransport = {
    exchange: (request) => {
      exchanges++;
      return transport.exchange(request);
    },
  };
  const unlimited = { per_second: 10_000, burst_count: 10_000 };
  const server = new SimulatedServer(time, disk, new SeededRandom(count, 3), {
    config: {
      server_name: name,
      trusted_key_servers: [],
      rc_joins_per_room: unlimited,
      rc_joins: { local: unlimited, remote: unlimited },
    },
    transport: counted,
  });
  network.attach(name, server);
  const peers = Array.from({ length: count }, (_, i) => {
    const peer = `p${i}.test`;
    const parts = { name: peer, random: new SeededRandom(count, 100 + i), clock: time.clock };
    const made = new HostileServer({ ...parts, transport: network.transport(peer) });
    return made;
  });
  const room = new FoundedRoom('11', peers);
  for (const peer of peers) network.attach(peer.name, room.answersOf(peer));
  let statements = 0;

  async function cost(act: (i: number) => Promise<unknown>): Promise<Cost> {
    // What came before is written and sent by then.
    await timers.sleep(120_000);
    const rows = await rowsOf(server);
    exchanges = 0;
    statements = 0;
    const cpu = process.cpuUsage();
    for (let i = 0; i < events; i++) {
      await act(i);
      await timers.sleep(2_000);
    }
    const { user, system } = process.cpuUsage(cpu);
    return {
      cpuMs: (user + system) / 1_000 / events,
      exchanges: exchanges / events,
      statements: statements / events,
      rows: ((await rowsOf(server)) - rows) / events,
    };
  }

  async function play(): Promise<{ out: Cost; in: Cost }> {
    await server.start();
    const user = await WorldUser.register('u', { name, server }, timers);
    const { roomId } = room;
    if (!(await user.join(roomId, [(peers[0] as HostileServer).name]))) throw new Error('could not join');
    countStatements(server.core.database, () => statements++);
    const speaker = peers.at(-1) as HostileServer;
    // The first of each is dearer: keys are fetched, caches filled.
    await user.send(roomId, 'first');
    const out = await cost((i) => user.send(roomId, `out ${i}`));
    const incoming = await cost(async (i) => {
      const pdu = room.say(speaker, { type: 'm.room.message', content: { msgtype: 'm.text', body: `in ${i}` } });
      await speaker.send(name, [pdu]);
    });
    return { out, in: incoming };
  }

  try {
    let result: { out: Cost; in: Cost } | undefined;
    let failure: unknown;
    void play()
      .then((made) => (result = made))
      .catch((error: unknown) => (failure = error));
    await time.runUntil(() => result !== undefined || failure !== undefined, limitMs);
    if (!result) throw failure;
    return result;
  } finally {
    timers.stop();
    server.crash();
    disk.remove();
  }
}

/** Calls `count` for each statement from now on. */
function countStatements(database: Database, count: () => void): void {
  const counted = <T extends object>(target: T, names: readonly string[]): T =>
    new Proxy(target, {
      get(from, name) {
        const value: unknown = Reflect.get(from, name, from);
        if (typeof value !== 'function') return value;
        if (names.includes(String(name))) count();
        return value.bind(from) as unknown;
      },
    });
  const transact = database.transact.bind(database);
  Object.assign(database, {
    transact: <T>(body: Parameters<typeof transact<T>>[0]): Promise<T> =>
      transact((writer) => body(counted(writer, ['all', 'get', 'run', 'insert']))),
  });
  const { reader } = database;
  for (const name of ['all', 'get'] as const) {
    const real = reader[name].bind(reader) as Reader['all'];
    Object.assign(reader, {
      [name]: (query: Parameters<typeof real>[0]) => {
        count();
        return real(query);
      },
    });
  }
}

/** Rows in all tables. */
async function rowsOf(server: SimulatedServer): Promise<number> {
  const { reader } = server.core.database;
  const tables = await reader.all<{ name: string }>(
    sql`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'`,
  );
  let rows = 0;
  for (const table of tables)
    rows += (await reader.get<{ n: number }>(sql.raw(`SELECT COUNT(*) AS n FROM "${table.name}"`)))?.n ?? 0;
  return rows;
}
