import type { Timers } from '@myelin/runtime';
import type { RoomNid } from '../names/index.ts';

/** So long clients wait for the members of a room, in milliseconds: what stands before a server mostly gives up after a minute. */
export const membersPatienceMs = 50_000;

/** Who waits for the members of rooms to be known. */
export class MemberWaits {
  readonly #timers: Timers;
  readonly #waiting = new Map<RoomNid, Set<() => void>>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Resolves to true when the members of the room are known, to false after so many milliseconds, or when the signal is aborted. */
  until(room: RoomNid, milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise<boolean>((resolve) => {
      const end = (areKnown: boolean): void => {
        timer.cancel();
        signal?.removeEventListener('abort', giveUp);
        const waiting = this.#waiting.get(room);
        waiting?.delete(found);
        if (waiting?.size === 0) this.#waiting.delete(room);
        resolve(areKnown);
      };
      const found = (): void => end(true);
      const giveUp = (): void => end(false);
      const timer = this.#timers.after(milliseconds, giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      const waiting = this.#waiting.get(room) ?? new Set();
      this.#waiting.set(room, waiting.add(found));
    });
  }

  /** The members of a room are known. */
  end(room: RoomNid): void {
    for (const found of this.#waiting.get(room) ?? []) found();
  }
}
