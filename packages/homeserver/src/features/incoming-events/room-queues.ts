import { MatrixError } from '@myelin/api';

/** So many jobs wait for one room; more are refused. */
const longestQueue = 1_000;

/** Work on a room is done one job after another; rooms don't wait for each other. */
export class RoomQueues {
  readonly #last = new Map<string, { done: Promise<void>; length: number }>();

  /** Runs `job` when all jobs before it are done, however they ended. Throws M_LIMIT_EXCEEDED. */
  async run<T>(roomId: string, job: () => Promise<T>): Promise<T> {
    const before = this.#last.get(roomId);
    const length = (before?.length ?? 0) + 1;
    if (length > longestQueue) throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many events of this room wait');
    let finish = (): void => {};
    const done = new Promise<void>((resolve) => (finish = resolve));
    const entry = { done, length };
    this.#last.set(roomId, entry);
    try {
      await before?.done;
      return await job();
    } finally {
      const last = this.#last.get(roomId);
      if (last === entry) this.#last.delete(roomId);
      else if (last) last.length--;
      finish();
    }
  }
}
