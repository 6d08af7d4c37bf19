import type { ScenarioResult } from '../crash-scenario.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { DiskFolder } from '../simulated-disk.ts';
import { withSimulatedSignatures } from '../simulated-signatures.ts';
import { VirtualTime } from '../virtual-time.ts';
import { compareServers } from './compare-servers.ts';
import { FederationWorld } from './federation-world.ts';
import { forged } from './hostile-acts.ts';
import { keepMisbehaving, keepSpoiling } from './misfortune.ts';
import { WorldUser } from './world-user.ts';

const allVersions = ['1', '2', '6', '10', '11', '12'];
const limitMs = 6 * 3_600_000;
/** Long enough for the pauses after failures to end: see the configuration of FederationWorld. */
const healingMs = 90_000;

/** How large a run is, beyond what the seed decides. */
export interface FederationSize {
  readonly fewestServers: number;
  readonly mostServers: number;
  /** Servers besides that don't keep the rules. */
  readonly mostHostile: number;
  readonly actions: number;
  /** Of the room. */
  readonly versions?: readonly string[];
  /** Called before the servers are compared: nothing in the repository does, but who looks into a seed that fails. */
  readonly inspect?: (world: FederationWorld, roomId: string) => Promise<void>;
}

/** Most worlds are small, so that many can be tried; one in fifty is of up to thirty servers, one in five has several that are hostile. */
export function sizeOf(seed: number): FederationSize {
  if (seed % 50 === 0) return { fewestServers: 6, mostServers: 30, mostHostile: 2, actions: 4 };
  if (seed % 5 === 0) return { fewestServers: 2, mostServers: 7, mostHostile: 3, actions: 8 };
  return { fewestServers: 2, mostServers: 5, mostHostile: 1, actions: 8 };
}

/**
 * A room of several servers, whose users talk, come, go, and quarrel about power, while the network breaks apart and
 * servers are killed. When all is whole again, the servers agree on the state and on what was refused, and show no event twice.
 */
export function runFederationScenario(seed: number, folder: DiskFolder, size: FederationSize): Promise<ScenarioResult> {
  return withSimulatedSignatures(() => run(seed, folder, size));
}

async function run(seed: number, folder: DiskFolder, size: FederationSize): Promise<ScenarioResult> {
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
  return { problems, transcript };
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
  const spoiling = keepSpoiling(random, world, timers, () => working);
  const misbehaving = keepMisbehaving(world, roomId, users, timers, () => working);
  await Promise.all(users.map((user) => act(random, user, users, world, roomId, timers, size.actions)));
  working = false;
  await Promise.all([spoiling, misbehaving]);
  world.network.heal();
  for (const { server } of world.servers) if (!server.isUp) await server.start();

  // Each says something, so that all hear of what they missed, and once more for what came of that.
  for (let round = 0; round < 3; round++) {
    await timers.sleep(healingMs);
    for (const user of users) {
      await user.send(roomId, `round ${round}`);
      await timers.sleep(2_000);
    }
  }
  await timers.sleep(60_000);
  for (const user of users) transcript.push(`${user.userId} sent ${user.acknowledged.join(' ')}`);
  for (const { name, server } of world.servers) {
    for (const fault of server.faults)
      problems.push(`${name} failed: ${fault instanceof Error ? fault.stack : String(fault)}`);
  }
  await size.inspect?.(world, roomId);
  const deceived = new Set<string>();
  for (const { answers } of world.hostiles) {
    problems.push(...answers.problems);
    for (const name of answers.deceived) deceived.add(name);
  }
  for (const user of users) {
    if ((await user.everything()).includes(forged)) problems.push(`${user.userId} is shown what was forged`);
  }
  const comparison = await compareServers(roomId, users, deceived);
  problems.push(...comparison.problems);
  transcript.push(...comparison.transcript);
}

/** What a user does: mostly talk. Refusals are part of life. */
async function act(
  random: SeededRandom,
  user: WorldUser,
  users: readonly WorldUser[],
  world: FederationWorld,
  roomId: string,
  timers: ReturnType<VirtualTime['timers']>,
  actions: number,
): Promise<void> {
  const people = [...users, ...world.hostiles.map(({ server }) => server)].map(({ userId }) => userId);
  const honest = users.map((each) => each.home.name);
  for (let i = 0; i < actions; i++) {
    await timers.sleep(random.below(400));
    const other = random.pick(people);
    const dice = random.below(100);
    if (dice < 46) await user.send(roomId, `${i}`);
    else if (dice < 50) await user.redact(roomId, messageOf(random, users));
    else if (dice < 60) await user.setState(roomId, 'm.room.topic', '', { topic: `${user.userId} ${i}` });
    else if (dice < 68) await user.setState(roomId, 'm.room.power_levels', '', levels(random, people));
    else if (dice < 74) await user.kick(roomId, other);
    else if (dice < 79) await user.ban(roomId, other);
    else if (dice < 84) await user.unban(roomId, other);
    else if (dice < 89) await user.invite(roomId, other);
    else if (dice < 93) await user.leave(roomId);
    else if (dice < 96)
      await user.setState(roomId, 'm.room.join_rules', '', { join_rule: random.chance(70) ? 'public' : 'invite' });
    else await user.join(roomId, random.chance(30) ? world.names.toReversed() : honest);
  }
}

/** Some message that was sent, or none that there is. */
function messageOf(random: SeededRandom, users: readonly WorldUser[]): string {
  const { acknowledged } = random.pick(users);
  return acknowledged.length > 0 ? random.pick(acknowledged) : '$none';
}

/** Odd distributions of power; most are refused to those who lack it. Version 12's founder must not be named. */
function levels(random: SeededRandom, people: readonly string[]): object {
  const byUser: Record<string, number> = {};
  for (const userId of people) if (random.chance(50)) byUser[userId] = random.pick([0, 25, 50, 100]);
  return {
    users: byUser,
    users_default: 0,
    events_default: 0,
    state_default: random.pick([0, 50]),
    ban: 50,
    kick: 50,
    invite: 0,
  };
}
