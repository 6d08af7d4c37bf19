import type { Cancellable, Timers } from '@myelin/runtime';

export interface AskBesideOptions {
  readonly timers: Timers;
  /** Whoever hasn't answered for so long, in milliseconds, isn't waited for alone. */
  readonly aloneMs: number;
  /** Ends all. */
  readonly signal: AbortSignal;
}

/** Asks one server; undefined if it has nothing. Calls `answered` when it only has to take in what came. */
export type AskOne<T> = (server: string, signal: AbortSignal, answered: () => void) => Promise<T | undefined>;

/**
 * Asks servers until one has something: the next one as soon as one has nothing, and beside those that let others wait. When one has something
 * the others are given up. Rejects with what `ask` throws. Undefined if nobody has anything, or once the signal has ended all.
 */
export function askBeside<T>(
  servers: readonly string[],
  { timers, aloneMs, signal }: AskBesideOptions,
  ask: AskOne<T>,
): Promise<T | undefined> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const waiting = [...servers];
  let running = 0;
  let alone: Cancellable | undefined;
  return new Promise<T | undefined>((resolve, reject) => {
    const next = (): void => {
      alone?.cancel();
      const server = over.signal.aborted || signal.aborted ? undefined : waiting.shift();
      if (server === undefined) {
        if (running === 0) resolve(undefined);
        return;
      }
      running++;
      const patience = timers.after(aloneMs, next);
      alone = patience;
      ask(server, either, () => patience.cancel()).then((found) => {
        running--;
        if (found === undefined) next();
        else resolve(found);
      }, reject);
    };
    next();
  }).finally(() => {
    alone?.cancel();
    over.abort();
  });
}
