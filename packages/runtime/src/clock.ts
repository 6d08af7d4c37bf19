/** The time, as the code may see it. Real in production, virtual in the simulator. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump; use it for timestamps only. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. Use it for durations. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
