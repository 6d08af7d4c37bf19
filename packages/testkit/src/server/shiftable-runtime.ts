import { systemRuntime, type Runtime } from '@myelin/runtime';

export interface ShiftableRuntime extends Runtime {
  /** Lets so many milliseconds pass for who reads the clock; timers don't notice. */
  forward(ms: number): void;
}

/** The real runtime with a clock that a test can put forward, for what ends after a time. */
export function shiftableRuntime(): ShiftableRuntime {
  let shift = 0;
  return {
    ...systemRuntime,
    clock: {
      now: () => systemRuntime.clock.now() + shift,
      monotonic: () => systemRuntime.clock.monotonic() + shift,
    },
    forward(ms) {
      shift += ms;
    },
  };
}
