import { getRoomEvents } from '@myelin/api';
import { withSimulatedSignatures } from './simulated-signatures.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedClient } from './simulated-client.ts';
import type { DiskFolder } from './simulated-disk.ts';
import { SimulatedServer } from './simulated-server.ts';
import { VirtualTime } from './virtual-time.ts';

const versions = ['1', '6', '10', '11', '12'];
const limit = 3_600_000;

export interface ScenarioResult {
  /** What went wrong: nothing, if all is well. */
  readonly problems: readonly string[];
  /** What each client was told, in order: the same seed gives the same. */
  readonly transcript: readonly string[];
}

/**
 * One server, three clients, two rooms, and a server that is killed at random points. Nothing acknowledged is ever lost;
 * no client sees an event twice or out of order.
 */
export function runCrashScenario(seed: number, folder: DiskFolder): Promise<ScenarioResult> {
  return withSimulatedSignatures(() => run(seed, folder));
}

async function run(seed: number, folder: DiskFolder): Promise<ScenarioResult> {
  const random = new SeededRandom(seed);
  const time = new VirtualTime();
  const disk = folder.disk(new SeededRandom(seed, 1));
  const server = new SimulatedServer(time, disk, new SeededRandom(seed, 2));
  const timers = time.timers();
  const problems: string[] = [];
  const transcript: string[] = [];
  try {
    let over = false;
    let failure: unknown;
    void play(random, server, timers, problems, transcript)
      .catch((error: unknown) => (failure = error))
      .finally(() => (over = true));
    await time.runUntil(() => over, limit);
    if (failure) throw failure;
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    timers.stop();
    server.crash();
    disk.remove();
  }
  return { problems, transcript };
}

async function play(
  random: SeededRandom,
  server: SimulatedServer,
  timers: ReturnType<VirtualTime['timers']>,
  problems: string[],
  transcript: string[],
): Promise<void> {
  await server.start();
  const clients: SimulatedClient[] = [];
  for (const name of ['alice', 'bob', 'carol']) {
    const userId = `@${name}:test`;
    clients.push(new SimulatedClient(userId, await server.addUser(userId), server, timers));
  }
  const [alice] = clients as [SimulatedClient, ...SimulatedClient[]];
  const rooms = [await alice.createRoom(random.pick(versions)), await alice.createRoom(random.pick(versions))];
  for (const client of clients.slice(1)) for (const room of rooms) await client.join(room);

  let working = true;
  const crashes = keepCrashing(random, server, timers, () => working);
  const syncing = clients.map((client) => client.syncOn());
  await Promise.all(clients.map((client) => talk(random, client, rooms, timers)));
  working = false;
  await crashes;
  for (const client of clients) client.stop();
  await Promise.all(syncing);
  for (const client of clients) await client.syncOnce(0);

  for (const client of clients) {
    transcript.push(...client.acknowledged.map(({ eventId }) => `${client.userId} sent ${eventId}`));
    for (const [room, { events }] of client.seen)
      transcript.push(`${client.userId} saw of ${room}: ${events.join(' ')}`);
  }
  for (const fault of server.faults)
    problems.push(`the server failed: ${fault instanceof Error ? fault.stack : String(fault)}`);
  for (const client of clients) problems.push(...client.complaints);
  for (const room of rooms) problems.push(...checkRoom(room, clients, await history(alice, server, room)));
}

async function talk(
  random: SeededRandom,
  client: SimulatedClient,
  rooms: readonly string[],
  timers: ReturnType<VirtualTime['timers']>,
): Promise<void> {
  const messages = 4 + random.below(8);
  for (let i = 0; i < messages; i++) {
    await timers.sleep(random.below(60));
    // Now and then several at once.
    if (random.chance(25))
      await Promise.all([client.send(random.pick(rooms), `${i}a`), client.send(random.pick(rooms), `${i}b`)]);
    else await client.send(random.pick(rooms), String(i));
  }
}

async function keepCrashing(
  random: SeededRandom,
  server: SimulatedServer,
  timers: ReturnType<VirtualTime['timers']>,
  goesOn: () => boolean,
): Promise<void> {
  const crashes = 1 + random.below(4);
  for (let i = 0; i < crashes && goesOn(); i++) {
    await timers.sleep(random.below(300));
    server.crash();
    await timers.sleep(random.below(200));
    await server.start();
  }
}

/** The room's whole timeline as the server has it in the end, oldest first. */
async function history(client: SimulatedClient, server: SimulatedServer, room: string): Promise<string[]> {
  const events: string[] = [];
  let from: string | undefined;
  for (;;) {
    const query: Record<string, unknown> = { dir: 'f', limit: '100', ...(from === undefined ? {} : { from }) };
    const { body } = await server.call(getRoomEvents, { accessToken: client.token, params: { roomId: room }, query });
    const page = body as { chunk: { event_id: string }[]; end?: string };
    events.push(...page.chunk.map((event) => event.event_id));
    if (page.end === undefined) return events;
    from = page.end;
  }
}

function checkRoom(room: string, clients: readonly SimulatedClient[], timeline: readonly string[]): string[] {
  const problems: string[] = [];
  const place = new Map(timeline.map((eventId, i) => [eventId, i]));
  if (place.size !== timeline.length) problems.push(`${room} has an event twice in its history`);
  for (const client of clients) {
    for (const { room: where, eventId } of client.acknowledged) {
      if (where === room && !place.has(eventId))
        problems.push(`${client.userId} was told of ${eventId}, which is lost`);
    }
    const seen = client.seen.get(room);
    if (!seen) {
      problems.push(`${client.userId} never saw ${room}`);
      continue;
    }
    const places = seen.events.map((eventId) => place.get(eventId));
    if (new Set(seen.events).size !== seen.events.length)
      problems.push(`${client.userId} saw an event of ${room} twice`);
    places.forEach((at, i) => {
      if (at === undefined) problems.push(`${client.userId} saw ${seen.events[i]}, which isn't in ${room}`);
      else if (i > 0 && at <= (places[i - 1] ?? -1))
        problems.push(`${client.userId} saw ${seen.events[i]} of ${room} out of order`);
      else if (i > 0 && seen.gaps === 0 && at !== (places[i - 1] ?? -2) + 1)
        problems.push(`${client.userId} missed something before ${seen.events[i]} of ${room}`);
    });
    if (places.at(-1) !== timeline.length - 1) problems.push(`${client.userId} did not see the end of ${room}`);
  }
  return problems;
}
