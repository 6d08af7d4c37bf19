import type { DiskFolder } from '../simulated-disk.ts';
import { VirtualTime } from '../virtual-time.ts';
import { FederationWorld, type FoundServer } from './federation-world.ts';
import { WorldUser } from './world-user.ts';

/** A server that is in a room. */
interface PreparedServer extends FoundServer {
  readonly userId: string;
  /** The user's access token. */
  readonly token: string;
}

/** A room with a user of each server in it. */
export interface PreparedRoom {
  readonly roomId: string;
  readonly servers: readonly PreparedServer[];
  /** When all that was to be done then had been done, in virtual milliseconds. */
  readonly endedAt: number;
}

/** Until what was told has come everywhere, and what is written now and then is written. */
const settlingMs = 120_000;
const limitMs = 3_600_000;
/** Larger rooms are seldom asked for twice. */
const mostServersKept = 7;

/** By version and servers. */
const kept = new Map<string, Promise<PreparedRoom>>();

/**
 * A room of a version that so many servers have come into, one after another, on a whole network: the same each time, so
 * that a small one is made once in a process. Many worlds begin with it, since coming in costs as much as all that follows.
 */
export function preparedRoom(version: string, servers: number, folder: DiskFolder): Promise<PreparedRoom> {
  const name = `${version} ${servers}`;
  let room = kept.get(name);
  if (!room) {
    room = prepare(version, servers, folder);
    if (servers <= mostServersKept) kept.set(name, room);
  }
  return room;
}

async function prepare(version: string, servers: number, folder: DiskFolder): Promise<PreparedRoom> {
  const time = new VirtualTime();
  const timers = time.timers();
  const world = new FederationWorld(0, { honest: servers, hostile: 0, isLean: true }, time, folder);
  let made: (Pick<PreparedRoom, 'roomId'> & { users: WorldUser[] }) | undefined;
  let failure: unknown;
  void comeIn().then(
    (result) => (made = result),
    (error: unknown) => (failure = error),
  );
  try {
    await time.runUntil(() => made !== undefined || failure !== undefined, limitMs);
    if (!made) throw failure;
    const { roomId, users } = made;
    const endedAt = time.clock.monotonic();
    timers.stop();
    for (const { server } of world.servers) server.crash();
    const found = world.servers.map(({ disk, watch }, i) => {
      const { userId, token } = users[i] as WorldUser;
      return { contents: disk.contents(), watch, userId, token };
    });
    return { roomId, servers: found, endedAt };
  } finally {
    world.end();
  }

  async function comeIn(): Promise<NonNullable<typeof made>> {
    await world.start();
    const users: WorldUser[] = [];
    for (const home of world.servers) users.push(await WorldUser.register('u', home, timers));
    const [founder, ...others] = users as [WorldUser, ...WorldUser[]];
    const roomId = await founder.createRoom(version);
    for (const user of others)
      if (!(await user.join(roomId, [founder.home.name]))) throw new Error(`${user.userId} could not join`);
    await timers.sleep(settlingMs);
    // So that they have asked for what was before them.
    for (const user of users) await user.history(roomId);
    await timers.sleep(settlingMs);
    return { roomId, users };
  }
}
