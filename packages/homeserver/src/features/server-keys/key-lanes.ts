import type { Timers } from '@myelin/runtime';
import { FairSlots, type Turn } from '../../queues/index.ts';
import { sourceOf } from './name-source.ts';

/** Questions at once: about servers of which keys are known, and about strangers. */
export interface LaneSizes {
  readonly known: number;
  readonly strangers: number;
}

/** Who is silent for so long (ms) loses its place, and is waited for beside the others. */
const placeMs = 5_000;
const mostOfSourceAtOnce = 4;
const mostWaiting = 2000;
const mostWaitingOfSource = 200;

/**
 * Places to ask for keys: some for servers of which keys are known, others for strangers. Anybody can call in the name of
 * servers that he makes up, or of other people's that never answer; they take only places of strangers, and among those not
 * all of them by names of one domain or network.
 */
export class KeyLanes {
  readonly #timers: Timers;
  readonly #known: FairSlots;
  readonly #strangers: FairSlots;

  constructor(timers: Timers, sizes: LaneSizes) {
    this.#timers = timers;
    this.#known = lane(sizes.known);
    this.#strangers = lane(sizes.strangers);
  }

  ask(serverName: string, isKnown: boolean): Turn {
    const { place, renew } = (isKnown ? this.#known : this.#strangers).ask(sourceOf(serverName));
    return { place: place.then((release) => release && this.#forAWhile(release)), renew };
  }

  #forAWhile(release: () => void): () => void {
    const timer = this.#timers.after(placeMs, release);
    return () => {
      timer.cancel();
      release();
    };
  }
}

function lane(atOnce: number): FairSlots {
  return new FairSlots({ atOnce, atOnceOfKey: mostOfSourceAtOnce, mostWaiting, mostWaitingOfKey: mostWaitingOfSource });
}
