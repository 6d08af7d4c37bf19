import type { Timers } from '@myelin/runtime';
import type { SeededRandom } from '../seeded-random.ts';
import type { FederationWorld } from './federation-world.ts';
import { misbehave } from './hostile-acts.ts';
import { moods } from './hostile-answers.ts';
import type { WorldUser } from './world-user.ts';

/** What may come upon a world, and how often it did. */
export interface Misfortunes {
  splits: number;
  losses: number;
  crashes: number;
  hostileActs: number;
}

/** How long misfortune goes on, and how fast: from 1 on. */
export interface Spell {
  readonly goesOn: () => boolean;
  readonly haste: number;
  readonly counts: Misfortunes;
}

/** Splits the network, loses messages and kills servers, now and then. */
export async function keepSpoiling(
  random: SeededRandom,
  world: FederationWorld,
  timers: Timers,
  { goesOn, haste, counts }: Spell,
): Promise<void> {
  while (goesOn()) {
    await timers.sleep(random.below(600 / haste));
    const dice = random.below(100);
    if (dice < 40) {
      const islands = 2 + random.below(2);
      counts.splits++;
      world.network.split(new Map(world.names.map((name) => [name, random.below(islands)])));
    } else if (dice < 60) {
      counts.losses++;
      world.network.heal();
      world.network.weather = { slowest: 5 + random.below(200), loss: random.below(30) };
    } else if (dice < 75) world.network.heal();
    else {
      const { server } = random.pick(world.servers);
      counts.crashes++;
      server.crash();
      await timers.sleep(random.below(500));
      if (!server.isUp) await server.start();
    }
  }
}

/** The hostile servers of a world come into a room as anybody may, and do what they can; `atTheDoor`: also what is in `door-acts.ts`. */
export async function keepMisbehaving(
  world: FederationWorld,
  roomId: string,
  users: readonly WorldUser[],
  timers: Timers,
  { goesOn, haste, counts }: Spell,
  atTheDoor = false,
): Promise<void> {
  const servers = world.servers.map(({ name }) => name);
  const victims = users.map(({ userId }) => userId);
  await Promise.all(
    world.hostiles.map(async ({ server, answers }) => {
      while (goesOn()) {
        await timers.sleep(server.random.below(500 / haste));
        if (!server.room) {
          // Who isn't let in can still speak of the room, but has nothing to say of it.
          await server.join(roomId, server.random.pick(servers));
          continue;
        }
        if (server.random.chance(25)) answers.mood = server.random.pick(moods);
        counts.hostileActs++;
        await misbehave(server, servers, victims, atTheDoor);
      }
    }),
  );
}
