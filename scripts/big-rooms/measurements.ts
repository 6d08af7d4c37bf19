import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Candidate, sleep, type Kind } from './candidate.ts';
import type { ResidentOrder, ResidentReply } from './orders.ts';

export interface Sizes {
  readonly members?: string | undefined;
  readonly events?: string | undefined;
  readonly changes?: string | undefined;
}

type Order = (order: ResidentOrder) => Promise<ResidentReply>;
type Results = Record<string, number>;

/** How long a server may take for what is measured, in ms. */
const patience = 3_600_000;
/** Tables that hold states, by kind. */
const stateTables: Record<Kind, readonly string[]> = {
  myelin: ['state_nodes', 'current_states'],
  synapse: ['state_groups', 'state_groups_state', 'state_group_edges', 'event_to_state_groups'],
};

/** One measurement of one server, which joins a new room. Names of figures say their units. */
export async function runMeasurement(
  name: string,
  kind: Kind,
  folder: string,
  notary: string,
  order: Order,
  sizes: Sizes,
): Promise<Results> {
  const run = { join: measureJoin, resolve: measureResolution, storage: measureStorage, chains: measureChains }[name];
  if (!run) throw new Error(`There is no measurement ${name}`);
  const candidate = await Candidate.create(kind, folder, notary);
  await candidate.start();
  try {
    await candidate.register('alice');
    return await run(candidate, notary, order, sizes);
  } finally {
    await candidate.stop();
  }
}

async function enter(candidate: Candidate, notary: string, roomId: string): Promise<void> {
  await candidate.call('POST', `/join/${encodeURIComponent(roomId)}?server_name=${encodeURIComponent(notary)}`, {});
}

async function joinedMembers(candidate: Candidate, roomId: string): Promise<number> {
  const { chunk } = await candidate.call('GET', `/rooms/${encodeURIComponent(roomId)}/members?membership=join`);
  return (chunk as unknown[]).length;
}

/**
 * Two such rooms, one after the other: the first is entered by a server that was started just now, the second by one
 * whose program is loaded and compiled, whose connections exist and which knows the other servers' keys.
 */
async function measureJoin(candidate: Candidate, notary: string, order: Order, sizes: Sizes): Promise<Results> {
  const results: Results = {};
  for (const time of ['first', 'second']) {
    await settled(candidate);
    const figures = await measureOneJoin(candidate, notary, order, sizes);
    for (const [figure, value] of Object.entries(figures)) results[`${time}: ${figure}`] = value;
  }
  return results;
}

async function measureOneJoin(candidate: Candidate, notary: string, order: Order, sizes: Sizes): Promise<Results> {
  const members = Number(sizes.members ?? 5_000);
  const { roomId } = await order({ do: 'room', members, events: Number(sizes.events ?? 20_000) });
  await sleep(1_000);
  candidate.resetPeak();
  const before = candidate.figures();
  const start = performance.now();
  await enter(candidate, notary, roomId as string);
  const answered = performance.now();
  // A server that has not the whole state yet answers this when it has.
  while ((await joinedMembers(candidate, roomId as string)) < members + 1) await sleep(100);
  const complete = performance.now();
  const after = candidate.figures();
  await candidate.call('GET', '/sync');
  const synced = performance.now();
  const { counts = {} } = await order({ do: 'counts' });
  console.log(`${candidate.kind} asked the resident: ${JSON.stringify(counts)}`);
  await sleep(3_000);
  const settled = candidate.figures();
  return {
    'join answered, s': (answered - start) / 1000,
    'join complete, s': (complete - start) / 1000,
    'CPU until complete, s': after.cpu - before.cpu,
    'CPU 3 s later, s': settled.cpu - before.cpu,
    'initial sync then, s': (synced - complete) / 1000,
    'memory before, MB': before.rss,
    'memory at most, MB': after.peak,
    'growth of memory, MB': after.peak - before.rss,
  };
}

/** A small fork of a room whose power levels were changed often: it should cost what the fork has, not what the room had. */
async function measureChains(candidate: Candidate, notary: string, order: Order, sizes: Sizes): Promise<Results> {
  const members = Number(sizes.members ?? 50);
  const results: Results = {};
  for (const levelChanges of [100, Number(sizes.changes ?? 10_000)]) {
    const { roomId } = await order({ do: 'room', members, events: 200, levelChanges });
    const join = candidate.figures();
    await enter(candidate, notary, roomId as string);
    await joinedMembers(candidate, roomId as string);
    await settled(candidate);
    const { eventIds } = await order({ do: 'fork', events: 10 });
    const receiver = { to: candidate.serverName, port: candidate.port };
    await order({ do: 'deliver', part: 'first', ...receiver });
    await settled(candidate);
    const before = candidate.figures();
    await order({ do: 'deliver', part: 'merge', ...receiver });
    const path = `/rooms/${encodeURIComponent(roomId as string)}/event/${encodeURIComponent(eventIds?.[0] as string)}`;
    await candidate.until(path, patience);
    await settled(candidate);
    results[`CPU of joining, chain of ${levelChanges}, s`] = before.cpu - join.cpu;
    results[`CPU of the fork, chain of ${levelChanges}, s`] = candidate.figures().cpu - before.cpu;
  }
  return results;
}

async function measureResolution(candidate: Candidate, notary: string, order: Order, sizes: Sizes): Promise<Results> {
  const members = Number(sizes.members ?? 20_000);
  const conflicts = Number(sizes.changes ?? 1_000);
  const { roomId } = await order({ do: 'room', members, events: Number(sizes.events ?? members * 2) });
  await enter(candidate, notary, roomId as string);
  await joinedMembers(candidate, roomId as string);
  const { eventIds, users } = await order({ do: 'fork', events: conflicts });
  const receiver = { to: candidate.serverName, port: candidate.port };
  const room = `/rooms/${encodeURIComponent(roomId as string)}`;
  // What the machine's other work makes of such a request.
  const idle = await delaysDuring(candidate, () => sleep(3_000));
  const before = candidate.figures();
  // One side comes event by event; of the other, only the event that joins both ends.
  await order({ do: 'deliver', part: 'first', ...receiver });
  await settled(candidate);
  const first = candidate.figures();
  candidate.resetPeak();
  const start = performance.now();
  const others = await delaysDuring(candidate, async () => {
    await order({ do: 'deliver', part: 'merge', ...receiver });
    await candidate.until(`${room}/event/${encodeURIComponent(eventIds?.[0] as string)}`, patience);
  });
  const end = performance.now();
  const after = candidate.figures();
  const memberships: string[] = [];
  for (const user of users ?? []) {
    const { membership } = await candidate.call('GET', `${room}/state/m.room.member/${encodeURIComponent(user)}`);
    memberships.push(membership as string);
  }
  console.log(`${candidate.kind}: those in dispute are at last: ${memberships.join(', ')}`);
  return {
    'CPU for one side, s': first.cpu - before.cpu,
    'CPU of the resolution, s': after.cpu - first.cpu,
    'of it in the first thread, s': after.loop - first.loop,
    'until it is done, s': (end - start) / 1000,
    "others' requests before, p50, ms": idle[Math.floor(idle.length * 0.5)] ?? 0,
    "others' requests before, p99, ms": idle[Math.floor(idle.length * 0.99)] ?? 0,
    "others' requests meanwhile, p50, ms": others[Math.floor(others.length * 0.5)] ?? 0,
    "others' requests meanwhile, p99, ms": others[Math.floor(others.length * 0.99)] ?? 0,
    'memory at most, MB': after.peak,
  };
}

async function measureStorage(candidate: Candidate, notary: string, order: Order, sizes: Sizes): Promise<Results> {
  const members = Number(sizes.members ?? 10_000);
  const changes = Number(sizes.changes ?? 10_000);
  const { roomId } = await order({ do: 'room', members, events: Number(sizes.events ?? members * 1.1) });
  await enter(candidate, notary, roomId as string);
  await joinedMembers(candidate, roomId as string);
  await candidate.stop();
  const before = { bytes: candidate.databaseBytes(), states: stateBytes(candidate) };
  await candidate.start();
  const start = candidate.figures();
  const receiver = { to: candidate.serverName, port: candidate.port };
  const { eventIds } = await order({ do: 'rename', members: members - 1, events: changes, ...receiver });
  const room = `/rooms/${encodeURIComponent(roomId as string)}`;
  await candidate.until(`${room}/event/${encodeURIComponent(eventIds?.[0] as string)}`, patience);
  const end = candidate.figures();
  await candidate.stop();
  return {
    'file for a change, bytes': (candidate.databaseBytes() - before.bytes) / changes,
    'of it for the state, bytes': (stateBytes(candidate) - before.states) / changes,
    'CPU for a change, ms': ((end.cpu - start.cpu) / changes) * 1000,
  };
}

/** How long a request that has nothing to do takes meanwhile, in ms, from the shortest to the longest. */
async function delaysDuring(candidate: Candidate, job: () => Promise<void>): Promise<number[]> {
  const delays: number[] = [];
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const start = performance.now();
      await candidate.call('GET', '/../versions');
      delays.push(performance.now() - start);
      await sleep(50);
    }
  })();
  try {
    await job();
  } finally {
    isDone = true;
    await asking;
  }
  return delays.toSorted((a, b) => a - b);
}

/** Waits until the server has nothing more to do. */
async function settled(candidate: Candidate): Promise<void> {
  for (let last = -1, cpu = candidate.figures().cpu; cpu - last > 0.05; last = cpu, cpu = candidate.figures().cpu)
    await sleep(1_000);
}

/** What the tables of states and their indexes take of the file of a server that doesn't run. */
function stateBytes({ folder, kind }: Candidate): number {
  const database = new DatabaseSync(join(folder, 'homeserver.db'), { readOnly: true });
  const sizeOf = database.prepare(
    `SELECT COALESCE(SUM(s.pgsize), 0) AS bytes FROM dbstat AS s JOIN sqlite_schema AS m ON m.name = s.name WHERE m.tbl_name = ?`,
  );
  const bytes = stateTables[kind].reduce((sum, table) => sum + Number(sizeOf.get(table)?.['bytes'] ?? 0), 0);
  database.close();
  return bytes;
}
