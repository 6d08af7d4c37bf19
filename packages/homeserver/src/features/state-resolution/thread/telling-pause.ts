import { Breather, type Clock, type Timers } from '@myelin/runtime';

/** How often it is told that there is work, in milliseconds. */
const signMs = 1_000;

/** What makes pauses during long work, and calls `onWork` about once a second as long as it is asked for them. */
export function tellingPause(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  onWork: () => void,
): () => Promise<void> | undefined {
  const breather = new Breather(clock, timers);
  let nextSign = clock.monotonic() + signMs;
  return () => {
    if (!breather.isDue) return undefined;
    const now = clock.monotonic();
    if (now >= nextSign) {
      nextSign = now + signMs;
      onWork();
    }
    return breather.breathe();
  };
}
