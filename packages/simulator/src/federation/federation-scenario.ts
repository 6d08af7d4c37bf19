import type { ScenarioResult } from '../crash-scenario.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { DiskFolder } from '../simulated-disk.ts';
import { withSimulatedSignatures } from '../simulated-signatures.ts';
import { VirtualTime } from '../virtual-time.ts';
import { compareServers } from './compare-servers.ts';
import { FederationWorld } from './federation-world.ts';
import { forged } from './hostile-acts.ts';
import { keepMisbehaving, keepSpoiling } from './misfortune.ts';
import { UpgradedRooms } from './upgraded-rooms.ts';
import { actAtTheDoor, actOnce, type Stage } from './user-acts.ts';
import { WorldUser, type FirstSync } from './world-user.ts';

const allVersions = ['1', '2', '6', '10', '11', '12'];
const limitMs = 6 * 3_600_000;
/** Long enough for the pauses after failures to end: see the configuration of FederationWorld. */
const healingMs = 90_000;
/** Until what was said has come everywhere. */
const settlingMs = 60_000;
const mostRounds = 3;

/** How large a run is, beyond what the seed decides. */
export interface FederationSize {
  readonly fewestServers: number;
  readonly mostServers: number;
  /** Servers besides that don't keep the rules. */
  readonly mostHostile: number;
  readonly actions: number;
  /** Of the room. */
  readonly versions?: readonly string[];
  /**
   * What came later: seeds that are kept from before don't have it, so that they go on meaning the same. `doors`: users knock, shut
   * servers out, restrict who may join, and hostile servers try what is forbidden. `upgrades`: the room is replaced.
   */
  readonly doors?: boolean;
  readonly upgrades?: boolean;
  /** Called before the servers are compared in the last round: nothing in the repository does, but who looks into a seed that fails. */
  readonly inspect?: (world: FederationWorld, roomId: string) => Promise<void>;
}

/** What is found when the servers are compared. */
interface Sight {
  readonly problems: readonly string[];
  readonly transcript: readonly string[];
}

export interface FederationResult extends ScenarioResult {
  /** How many there were that keep the rules. */
  readonly servers: number;
}

/**
 * Most worlds are small, so that many can be tried: what a world costs grows with the square of its servers. One in two hundred
 * is of six to thirty, one in five of up to seven, with several that are hostile.
 */
export function sizeOf(seed: number): FederationSize {
  if (seed % 200 === 0) return { fewestServers: 6, mostServers: 30, mostHostile: 2, actions: 4 };
  if (seed % 5 === 0) return { fewestServers: 2, mostServers: 7, mostHostile: 3, actions: 8 };
  const more = { doors: seed % 2 === 0, upgrades: seed % 3 === 0 };
  return { fewestServers: 2, mostServers: 5, mostHostile: 1, actions: 8, ...more };
}

/**
 * A room of several servers, whose users talk, come, go, and quarrel about power, while the network breaks apart and
 * servers are killed. When all is whole again, the servers agree on the state and on what was refused, and show no event twice.
 */
export function runFederationScenario(
  seed: number,
  folder: DiskFolder,
  size: FederationSize,
): Promise<FederationResult> {
  return withSimulatedSignatures(() => run(seed, folder, size));
}

async function run(seed: number, folder: DiskFolder, size: FederationSize): Promise<FederationResult> {
  const random = new SeededRandom(seed);
  const time = new VirtualTime();
  const count = size.fewestServers + random.below(size.mostServers - size.fewestServers + 1);
  const hostile = random.below(size.mostHostile + 1);
  const world = new FederationWorld(seed, { honest: count, hostile }, time, folder);
  const timers = time.timers();
  const problems: string[] = [];
  const transcript: string[] = [];
  try {
    let over = false;
    let failure: unknown;
    void play(random, world, timers, size, problems, transcript)
      .catch((error: unknown) => (failure = error))
      .finally(() => (over = true));
    await time.runUntil(() => over, limitMs);
    if (failure) throw failure;
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    timers.stop();
    world.end();
  }
  return { problems, transcript, servers: count };
}

async function play(
  random: SeededRandom,
  world: FederationWorld,
  timers: ReturnType<VirtualTime['timers']>,
  size: FederationSize,
  problems: string[],
  transcript: string[],
): Promise<void> {
  await world.start();
  const users: WorldUser[] = [];
  for (const home of world.servers) users.push(await WorldUser.register('u', home, timers));
  const [founder, ...others] = users as [WorldUser, ...WorldUser[]];
  const roomId = await founder.createRoom(random.pick(size.versions ?? allVersions));
  for (const user of others) {
    if (!(await user.join(roomId, [founder.home.name]))) problems.push(`${user.userId} could not join`);
  }
  if (problems.length > 0) return;

  let working = true;
  for (const { server } of world.hostiles) await server.join(roomId, founder.home.name);
  const hostileUsers = world.hostiles.map(({ server }) => server.userId);
  const lobby = size.doors ? await founder.createRoom('10') : undefined;
  if (lobby !== undefined) await others[0]?.join(lobby, [founder.home.name]);
  const stage: Stage = { roomId, users, hostileUsers, names: world.names, lobby };
  const upgraded = size.upgrades
    ? new UpgradedRooms(new SeededRandom(world.seed, 12), roomId, users, size.actions, allVersions)
    : undefined;
  const atTheDoor = size.doors ? new SeededRandom(world.seed, 13) : undefined;
  const spoiling = keepSpoiling(random, world, timers, () => working);
  const misbehaving = keepMisbehaving(world, roomId, users, timers, () => working, size.doors);
  const act = async (user: WorldUser): Promise<void> => {
    for (let i = 0; i < size.actions; i++) {
      await timers.sleep(random.below(400));
      await upgraded?.act(user, i);
      if (atTheDoor?.chance(20)) await actAtTheDoor(atTheDoor, user, stage);
      else await actOnce(random, user, stage, i);
    }
  };
  await Promise.all(users.map(act));
  working = false;
  await Promise.all([spoiling, misbehaving]);
  world.network.heal();
  for (const { server } of world.servers) if (!server.isUp) await server.start();

  // Each says something, so that all hear of what they missed, and again for what came of that where something is wrong
  // yet. Some go on though all is well.
  const spoke = new Map<string, Set<WorldUser>>();
  const fewest = random.chance(10) ? mostRounds : 1;
  let seen: Sight = { problems: [], transcript: [] };
  for (let round = 1; round <= mostRounds; round++) {
    await timers.sleep(healingMs);
    await upgraded?.letSpeak(users);
    spoke.set(roomId, await letSay(roomId, users, `round ${round}`, timers));
    if (round < fewest) continue;
    await timers.sleep(settlingMs);
    if (round === mostRounds) await size.inspect?.(world, roomId);
    seen = await look(spoke, users, world);
    if (seen.problems.length === 0) break;
  }
  if (upgraded) {
    const { problems: refused, gathered } = await upgraded.gather(users);
    problems.push(...refused);
    for (let round = 1; round <= mostRounds; round++) {
      // What came to one of them after it had spoken, others hear when it speaks again.
      if (round > 1) {
        await upgraded.letSpeak(users);
        spoke.set(roomId, await letSay(roomId, users, `later ${round}`, timers));
      }
      for (const [replacement, there] of gathered)
        for (let i = 0; i < 2; i++) spoke.set(replacement, await letSay(replacement, there, 'here now', timers));
      await timers.sleep(settlingMs);
      seen = await look(spoke, users, world);
      if (seen.problems.length === 0) break;
    }
  }
  problems.push(...seen.problems);
  for (const user of users) transcript.push(`${user.userId} sent ${user.acknowledged.join(' ')}`);
  transcript.push(...seen.transcript);
}

/** Who of some users could say something in a room. */
async function letSay(
  roomId: string,
  users: readonly WorldUser[],
  text: string,
  timers: ReturnType<VirtualTime['timers']>,
): Promise<Set<WorldUser>> {
  const spoke = new Set<WorldUser>();
  for (const user of users) {
    if (await user.send(roomId, text)) spoke.add(user);
    await timers.sleep(2_000);
  }
  return spoke;
}

/** What is wrong, and what there is. `rooms`: who has spoken in which. */
async function look(
  rooms: ReadonlyMap<string, ReadonlySet<WorldUser>>,
  users: readonly WorldUser[],
  world: FederationWorld,
): Promise<Sight> {
  const problems: string[] = [];
  const transcript: string[] = [];
  for (const { name, server, guard } of world.servers) {
    problems.push(...guard.problems);
    for (const fault of server.faults)
      problems.push(`${name} failed: ${fault instanceof Error ? fault.stack : String(fault)}`);
  }
  const lied = new Set<string>();
  for (const { answers } of world.hostiles) {
    problems.push(...answers.problems);
    for (const name of answers.deceived) lied.add(name);
  }
  const synced = new Map<string, FirstSync>();
  for (const user of users) synced.set(user.userId, await user.everything());
  for (const [userId, { text }] of synced)
    if (text.includes(forged)) problems.push(`${userId} is shown what was forged`);
  for (const [roomId, spoke] of rooms) {
    const comparison = await compareServers(roomId, users, { synced, spoke, lied, areLies: world.hostiles.length > 0 });
    problems.push(...comparison.problems);
    transcript.push(...comparison.transcript);
  }
  return { problems, transcript };
}
