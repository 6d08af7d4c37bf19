import type { Timers } from '@myelin/runtime';

/** Resolves when `woken` does, after so many milliseconds, or when the signal aborts, whatever comes first. */
export async function pause(
  timers: Timers,
  woken: Promise<void>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = timers.after(milliseconds, done);
    function done(): void {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else {
      signal.addEventListener('abort', done, { once: true });
      void woken.then(done);
    }
  });
}
