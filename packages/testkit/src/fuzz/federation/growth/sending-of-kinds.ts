import type { StartFederation } from '../../../federation/describe-federations.ts';
import { ForeignWorld, type Situation } from '../foreign-world.ts';
import type { HostileKind, HostileStage } from './hostile-kind.ts';
import { hostileKinds } from './hostile-kinds.ts';
import { ManyServers } from './many-servers.ts';
import { ToldEvents } from './told-events.ts';

/** Each kind of request so often, and then as often again. */
const times = 40;
/** What grows by less with the second half doesn't grow with each request. */
export const much = times * 0.6;

const config = { federation_verify_certificates: false };

/** A server to which hostile servers send requests of each of the kinds, many times. */
export class SendingOfKinds {
  readonly world: ForeignWorld;
  readonly #situation: Situation;
  readonly #many: ManyServers;
  readonly #stage: HostileStage;
  #serial = 0;

  private constructor(world: ForeignWorld, situation: Situation, many: ManyServers, told: ToldEvents) {
    this.world = world;
    this.#situation = situation;
    this.#many = many;
    this.#stage = { world, situation, many, told };
  }

  static async start(start: StartFederation): Promise<SendingOfKinds> {
    const many = await ManyServers.start();
    const world = await ForeignWorld.start(start, { config, resolver: ManyServers.resolver });
    const situation = await world.situation(1);
    return new SendingOfKinds(world, situation, many, await ToldEvents.begin(world, situation.bob));
  }

  async send(name: string): Promise<void> {
    const numbers = Array.from({ length: times }, () => this.#serial++);
    await (hostileKinds[name] as HostileKind)(this.#stage, numbers);
    this.world.peer.received.length = 0;
  }

  stillWorks(): Promise<void> {
    return this.world.stillWorks(this.#situation);
  }

  async stop(): Promise<void> {
    await this.world.stop();
    await this.#many.stop();
  }
}
