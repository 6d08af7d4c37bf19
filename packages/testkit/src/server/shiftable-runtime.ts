import { systemRuntime, type Runtime } from '@myelin/runtime';

export interface ShiftableRuntime extends Runtime {
  /** Lets so many milliseconds pass for who reads the clock; timers don't notice. */
  forward(ms: number): void;
  /** Sets the clock on the wall forth or back (negative); what measures durations doesn't notice. */
  jump(ms: number): void;
}

/** The real runtime with a clock that a test can put forward, for what ends after a time, or set wrong. */
export function shiftableRuntime(): ShiftableRuntime {
  let passed = 0;
  let jumped = 0;
  return {
    ...systemRuntime,
    clock: {
      now: () => systemRuntime.clock.now() + passed + jumped,
      monotonic: () => systemRuntime.clock.monotonic() + passed,
    },
    forward(ms) {
      passed += ms;
    },
    jump(ms) {
      jumped += ms;
    },
  };
}
