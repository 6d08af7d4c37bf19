export interface FairSlotsOptions {
  /** So many tasks run side by side, */
  readonly atOnce: number;
  /** of one key so many, */
  readonly atOnceOfKey: number;
  /** and so many wait, */
  readonly mostWaiting: number;
  /** of one key so many. */
  readonly mostWaitingOfKey: number;
}

export interface Turn {
  /** Resolves to what gives the place back; to undefined if others took the room to wait. */
  readonly place: Promise<(() => void) | undefined>;
  /** It is wanted anew: goes before the others that wait. */
  renew(): void;
}

interface Waiting {
  readonly key: string;
  readonly done: (release: (() => void) | undefined) => void;
}

/**
 * Places for tasks that anybody can ask for: no key has all of them, and who came last goes first. Where tasks come faster
 * than they end, a queue in their order would only have those at its head that nobody waits for any longer; so it is
 * also the oldest that is given up where there is no room to wait.
 */
export class FairSlots {
  readonly #options: FairSlotsOptions;
  readonly #running = new Map<string, number>();
  /** The newest last. None of them could run now. */
  readonly #waiting: Waiting[] = [];
  readonly #waitingOfKey = new Map<string, number>();
  #size = 0;

  constructor(options: FairSlotsOptions) {
    this.#options = options;
  }

  ask(key: string): Turn {
    if (this.#hasPlaceFor(key)) return { place: Promise.resolve(this.#place(key)), renew() {} };
    let done: Waiting['done'] = () => {};
    const place = new Promise<(() => void) | undefined>((resolve) => (done = resolve));
    const waiting = { key, done };
    this.#waiting.push(waiting);
    count(this.#waitingOfKey, key, 1);
    this.#makeRoom(key);
    return { place, renew: () => this.#renew(waiting) };
  }

  #hasPlaceFor(key: string): boolean {
    const { atOnce, atOnceOfKey } = this.#options;
    return this.#size < atOnce && (this.#running.get(key) ?? 0) < atOnceOfKey;
  }

  #place(key: string): () => void {
    this.#size++;
    count(this.#running, key, 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#size--;
      count(this.#running, key, -1);
      // One place is free, so no more than one can go.
      const next = this.#take(this.#waiting.findLastIndex((waiting) => this.#hasPlaceFor(waiting.key)));
      next?.done(this.#place(next.key));
    };
  }

  #makeRoom(key: string): void {
    const { mostWaiting, mostWaitingOfKey } = this.#options;
    if ((this.#waitingOfKey.get(key) ?? 0) > mostWaitingOfKey)
      this.#take(this.#waiting.findIndex((waiting) => waiting.key === key))?.done(undefined);
    if (this.#waiting.length > mostWaiting) this.#take(0)?.done(undefined);
  }

  #renew(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#waiting.push(waiting);
  }

  #take(at: number): Waiting | undefined {
    if (at < 0) return undefined;
    const [taken] = this.#waiting.splice(at, 1);
    if (taken) count(this.#waitingOfKey, taken.key, -1);
    return taken;
  }
}

function count(counts: Map<string, number>, key: string, more: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + more;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}
