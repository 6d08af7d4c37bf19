import type { ScenarioResult } from '../crash-scenario.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { DiskFolder } from '../simulated-disk.ts';
import { withSimulatedSignatures } from '../simulated-signatures.ts';
import { VirtualTime } from '../virtual-time.ts';
import { compareServers, type Findings } from './compare-servers.ts';
import { FederationWorld } from './federation-world.ts';
import { forged } from './hostile-acts.ts';
import { keepMisbehaving, keepSpoiling, type Misfortunes } from './misfortune.ts';
import { preparedRoom, type PreparedRoom } from './prepared-room.ts';
import { UpgradedRooms } from './upgraded-rooms.ts';
import { actAtTheDoor, actOnce, type Stage } from './user-acts.ts';
import type { FederationSize } from './world-size.ts';
import { WorldUser, type FirstSync } from './world-user.ts';

const allVersions = ['1', '2', '6', '10', '11', '12'];
const limitMs = 6 * 3_600_000;
/**
 * `healingMs`: long enough for the pauses after failures to end (see the configuration of FederationWorld); `settlingMs`: until what
 * was said has come everywhere.
 */
interface Waits {
  readonly healingMs: number;
  readonly settlingMs: number;
}
const patient: Waits = { healingMs: 90_000, settlingMs: 60_000 };
/** Of lean worlds, before their servers are first compared: where something is wrong then, all wait longer. */
const hasty: Waits = { healingMs: 40_000, settlingMs: 20_000 };
const mostRounds = 3;

/** What is found when the servers are compared. */
interface Sight {
  readonly problems: readonly string[];
  readonly transcript: readonly string[];
  readonly findings: Findings;
}

/** How often there was what makes a world worth trying. */
export type Happenings = Misfortunes & Findings;

const nothingFound: Findings = { resolutions: 0, refused: 0, softFailed: 0 };

export interface FederationResult extends ScenarioResult {
  /** How many there were that keep the rules. */
  readonly servers: number;
  readonly happened: Happenings;
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
  const count = size.fewestServers + random.below(size.mostServers - size.fewestServers + 1);
  const hostile = random.below(size.mostHostile + 1);
  const prepared =
    size.prepared && (await roomFor(random, count - (random.chance(size.prepared.late) ? 1 : 0), size, folder));
  const time = new VirtualTime(prepared?.endedAt);
  const world = new FederationWorld(
    seed,
    { honest: count, hostile, isLean: size.lean ?? false },
    time,
    folder,
    prepared?.servers,
  );
  const timers = time.timers();
  const problems: string[] = [];
  const transcript: string[] = [];
  const happened: Happenings = { ...nothingFound, splits: 0, losses: 0, crashes: 0, hostileActs: 0 };
  try {
    let over = false;
    let failure: unknown;
    void play(random, world, timers, size, { problems, transcript, happened }, prepared)
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
  return { problems, transcript, servers: count, happened };
}

interface Outcome {
  readonly problems: string[];
  readonly transcript: string[];
  readonly happened: Happenings;
}

async function play(
  random: SeededRandom,
  world: FederationWorld,
  timers: ReturnType<VirtualTime['timers']>,
  size: FederationSize,
  { problems, transcript, happened }: Outcome,
  prepared: PreparedRoom | undefined,
): Promise<void> {
  await world.start();
  const users: WorldUser[] = [];
  for (const [i, home] of world.servers.entries()) {
    const known = prepared?.servers[i];
    users.push(
      known ? WorldUser.signedIn(known.userId, known.token, home, timers) : await WorldUser.register('u', home, timers),
    );
  }
  const [founder, ...others] = users as [WorldUser, ...WorldUser[]];
  const roomId = prepared?.roomId ?? (await founder.createRoom(random.pick(size.versions ?? allVersions)));
  for (const user of prepared ? [] : others) {
    if (!(await user.join(roomId, [founder.home.name]))) problems.push(`${user.userId} could not join`);
  }
  if (problems.length > 0) return;
  const late = new Set(prepared && users.slice(prepared.servers.length));

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
  const spell = { goesOn: () => working, haste: size.haste ?? 1, counts: happened };
  const spoiling = keepSpoiling(random, world, timers, spell);
  const misbehaving = keepMisbehaving(world, roomId, users, timers, spell, size.doors);
  const act = async (user: WorldUser): Promise<void> => {
    for (let i = 0; i < size.actions; i++) {
      await timers.sleep(random.below(400));
      await upgraded?.act(user, i);
      if (
        late.has(user) &&
        (await user.join(
          roomId,
          world.servers.map(({ name }) => name),
        ))
      )
        late.delete(user);
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
  const fewest = random.chance(size.lean ? 2 : 10) ? mostRounds : 1;
  let seen: Sight = { problems: [], transcript: [], findings: nothingFound };
  for (let round = 1; round <= mostRounds; round++) {
    const { healingMs, settlingMs } = size.lean && round === 1 ? hasty : patient;
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
      const { settlingMs } = size.lean && round === 1 ? hasty : patient;
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
  Object.assign(happened, seen.findings);
  for (const user of users) transcript.push(`${user.userId} sent ${user.acknowledged.join(' ')}`);
  transcript.push(...seen.transcript);
}

/** A room of the version that the seed decides. */
function roomFor(
  random: SeededRandom,
  servers: number,
  { versions = allVersions }: FederationSize,
  folder: DiskFolder,
): Promise<PreparedRoom> {
  return preparedRoom(random.pick(versions), servers, folder);
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
  const findings = { ...nothingFound };
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
    for (const [what, count] of Object.entries(comparison.findings)) findings[what as keyof Findings] += count;
  }
  return { problems, transcript, findings };
}
