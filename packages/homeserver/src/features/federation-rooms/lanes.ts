import { limitExceeded } from '../../http/index.ts';

const retryAfterMs = 5_000;

/**
 * Work that one asker causes is done one piece after the other, so that others go on; who asks for too much at once is
 * refused with M_LIMIT_EXCEEDED.
 */
export class Lanes {
  readonly #mostWaiting: number;
  readonly #lanes = new Map<string, { last: Promise<unknown>; waiting: number }>();

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (lane.waiting > this.#mostWaiting) throw limitExceeded(retryAfterMs);
    lane.waiting++;
    this.#lanes.set(key, lane);
    const turn = lane.last.then(work, work);
    lane.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      lane.waiting--;
      if (lane.waiting === 0) this.#lanes.delete(key);
    }
  }
}
