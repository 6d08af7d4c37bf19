import type { Cancellable, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { OutboundStore } from './outbound-store.ts';

/** How long what was sent may be unknown to the database, in milliseconds: after a crash it is sent again. */
const flushMs = 5_000;

/** How far everybody has come, at a moment. */
export interface Positions {
  /** Everything up to here was sent to all that aren't in `own`. */
  readonly mark: number;
  /** Servers that are behind, and how far they have come. */
  readonly own: ReadonlyMap<string, number>;
}

/** Keeps in the database how far servers have come: one position for all of them, and one each for those behind. */
export class Progress {
  readonly #store: OutboundStore;
  readonly #timers: Timers;
  readonly #log: Log;
  readonly #now: (noted: number) => Positions;
  #stored: { mark: number; own: Map<string, number> } = { mark: 0, own: new Map() };
  #timer: Cancellable | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `now` is given the mark that is noted: who lacks something before it is to have a position of its own. */
  constructor(store: OutboundStore, timers: Timers, log: Log, now: (noted: number) => Positions) {
    this.#store = store;
    this.#timers = timers;
    this.#log = log;
    this.#now = now;
  }

  /** What the database knows. `first`: where to begin if it knows nothing. */
  async load(first: number): Promise<Positions> {
    const { mark = first, byDestination } = await this.#store.cursors();
    this.#stored = { mark, own: byDestination };
    if (mark === first && byDestination.size === 0) await this.#store.putCursors(mark, new Map(), []);
    return { mark, own: new Map(byDestination) };
  }

  /** Something has changed. */
  changed(): void {
    this.#timer ??= this.#timers.after(flushMs, () => {
      this.#timer = undefined;
      void this.flush();
    });
  }

  /** Resolves when the database knows. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.flush();
  }

  async #write(): Promise<void> {
    const before = this.#stored;
    const { mark, own } = this.#now(before.mark);
    const changed = new Map([...own].filter(([name, position]) => before.own.get(name) !== position));
    const gone = [...before.own.keys()].filter((name) => !own.has(name));
    if (mark === before.mark && changed.size === 0 && gone.length === 0) return;
    try {
      await this.#store.putCursors(mark, changed, gone);
      this.#stored = { mark, own: new Map(own) };
    } catch (err) {
      this.#log.warn({ err }, 'how far other servers have been sent what they miss could not be noted');
      this.changed();
    }
  }
}
