import type { Timers } from '@myelin/runtime';
import type { SeededRandom } from '../seeded-random.ts';
import type { FederationWorld } from './federation-world.ts';

/** Splits the network, loses messages and kills servers, now and then, for as long as `goesOn` says. */
export async function keepSpoiling(
  random: SeededRandom,
  world: FederationWorld,
  timers: Timers,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    await timers.sleep(random.below(600));
    const dice = random.below(100);
    if (dice < 40) {
      const islands = 2 + random.below(2);
      world.network.split(new Map(world.servers.map(({ name }) => [name, random.below(islands)])));
    } else if (dice < 60) {
      world.network.heal();
      world.network.weather = { slowest: 5 + random.below(200), loss: random.below(30) };
    } else if (dice < 75) world.network.heal();
    else {
      const { server } = random.pick(world.servers);
      server.crash();
      await timers.sleep(random.below(500));
      if (!server.isUp) await server.start();
    }
  }
}
