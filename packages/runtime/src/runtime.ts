import { systemClock, type Clock } from './clock.ts';
import { systemRandom, type Random } from './random.ts';
import { systemTimers, type Timers } from './timers.ts';

/** What a server is given of the world. Nothing below `cli` reads it in any other way. */
export interface Runtime {
  clock: Clock;
  timers: Timers;
  random: Random;
  /**
   * Whether heavy work may go to other threads, which finish in an order of their own. Where every run must be like the
   * last one (the simulator), it is done in its place.
   */
  threads?: boolean;
}

export const systemRuntime: Runtime = {
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  threads: true,
};
