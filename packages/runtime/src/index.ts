export { systemClock, type Clock } from './clock.ts';
export { systemTimers, type Cancellable, type Timers } from './timers.ts';
export { systemRandom, randomFraction, randomString, type Random } from './random.ts';
export { systemRuntime, type Runtime } from './runtime.ts';
