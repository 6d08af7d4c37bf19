import type { Writer } from '@myelin/database';
import type { Counter, Counters } from '../counters/index.ts';
import type { Change, PositionedChange } from './change.ts';

export type ChangeListener = (change: Change, position: number) => void;

/** How many of the newest changes are kept in memory to answer "what changed since". */
const recentCapacity = 65_536;

/**
 * The one position for everything that a client or another worker can miss. A position is reached when it and every
 * position below it are durable (or were given up); only then are its changes told, in order.
 */
export class Streams {
  readonly #counter: Counter;
  readonly #listeners = new Set<ChangeListener>();
  /** Positions given out and not settled, in the order of giving. */
  readonly #open: { position: number; settled: boolean; changes: Change[] }[] = [];
  #current: number;
  #recent: PositionedChange[] = [];
  /** Changes up to this position may be missing from #recent. */
  #recentFrom: number;

  private constructor(counter: Counter) {
    this.#counter = counter;
    this.#current = counter.peek() - 1;
    this.#recentFrom = this.#current;
  }

  static async open(counters: Counters): Promise<Streams> {
    const counter = await counters.open('stream_position');
    // Position 0 means "nothing seen yet" to readers, so that no client may have come that far.
    if (counter.peek() === 1) counter.take();
    return new Streams(counter);
  }

  /** Everything up to here is durable and may be shown. */
  current(): number {
    return this.#current;
  }

  /** The next position, for something that `writer`'s transaction stores; `changes` are told once it is reached. */
  next(writer: Writer, ...changes: Change[]): number {
    const entry = this.#take(changes);
    writer.onDurable(() => this.#settle(entry));
    writer.onRollback(() => {
      entry.changes = [];
      this.#settle(entry);
    });
    return entry.position;
  }

  /** The next position, for something that is only kept in memory (typing, presence): reached as soon as its turn comes. */
  immediate(...changes: Change[]): number {
    const entry = this.#take(changes);
    this.#settle(entry);
    return entry.position;
  }

  /** Calls `listener` for each change, in order of positions, as they are reached. Returns the way to stop. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The changes after `since`, oldest first, or undefined where memory doesn't reach that far back (then ask the tables).
   */
  changesSince(since: number): readonly PositionedChange[] | undefined {
    if (since < this.#recentFrom) return undefined;
    const recent = this.#recent;
    let low = 0;
    let high = recent.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((recent[middle] as PositionedChange).position <= since) low = middle + 1;
      else high = middle;
    }
    return recent.slice(low);
  }

  #take(changes: Change[]): { position: number; settled: boolean; changes: Change[] } {
    const entry = { position: this.#counter.take(), settled: false, changes };
    this.#open.push(entry);
    return entry;
  }

  #settle(entry: { settled: boolean }): void {
    entry.settled = true;
    const open = this.#open;
    let done = 0;
    while (done < open.length && open[done]?.settled) done++;
    if (done === 0) return;
    const reached = open.splice(0, done);
    for (const { position, changes } of reached) for (const change of changes) this.#recent.push({ position, change });
    if (this.#recent.length > recentCapacity * 2) {
      const cut = this.#recent.length - recentCapacity;
      this.#recentFrom = (this.#recent[cut - 1] as PositionedChange).position;
      this.#recent = this.#recent.slice(cut);
    }
    this.#current = (reached.at(-1) as { position: number }).position;
    for (const { position, changes } of reached) {
      for (const change of changes) for (const listener of this.#listeners) listener(change, position);
    }
  }
}
