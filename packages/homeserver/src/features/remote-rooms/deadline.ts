import type { Timers } from '@myelin/runtime';

/** Runs a job with a signal that ends what it waits for after a time, in milliseconds. */
export async function withDeadline<T>(
  timers: Timers,
  milliseconds: number,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = timers.after(milliseconds, () => controller.abort());
  try {
    return await job(controller.signal);
  } finally {
    timer.cancel();
  }
}
