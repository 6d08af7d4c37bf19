import { isSame, type PositionedItem } from './item.ts';

export interface FleetingEdu {
  readonly type: string;
  readonly text: string;
}

/** Items in memory for one server; beyond that, it is told of the newest of each room only. */
const mostItems = 500;
/** EDUs that may get lost, in memory for one server. */
const mostFleeting = 500;

/**
 * What is to be sent to a server, as long as there is something. A live one holds all of it in memory; one that catches
 * up (`cursor`) reads it from the tables, in order of positions, until it has come so far that it can be live.
 */
export class Destination {
  readonly name: string;
  /** Everything up to this position was sent. undefined: it is live. */
  cursor: number | undefined;
  /** There may be EDUs for it in the table. */
  hasStoredEdus: boolean;
  /** There may be EDUs in the table that were sent in vain. */
  mayHaveSentInVain: boolean;
  /** It has failed with something that perhaps it can't take: then it is found out what. */
  isSuspicious: boolean;
  /** It is to be sent something, be it nothing. */
  isToBeGreeted = false;
  isRunning = false;
  /** When the oldest item came, on the monotonic clock. */
  waitingSince = Infinity;
  #items: PositionedItem[] = [];
  #isCollecting = false;
  readonly #fleeting = new Map<string, FleetingEdu>();
  #unnamed = 0;

  constructor(name: string, from?: { readonly cursor: number; readonly isSuspicious: boolean }) {
    this.name = name;
    this.cursor = from?.cursor;
    this.hasStoredEdus = from !== undefined;
    this.mayHaveSentInVain = from !== undefined;
    this.isSuspicious = from?.isSuspicious ?? false;
  }

  get isLive(): boolean {
    return this.cursor === undefined;
  }

  get isEmpty(): boolean {
    const isHeld = this.#items.length > 0 || this.#fleeting.size > 0 || this.hasStoredEdus || this.isToBeGreeted;
    return this.isLive && !isHeld;
  }

  /** Position of the first item in memory. */
  get firstPosition(): number | undefined {
    return this.#items[0]?.position;
  }

  get pdus(): number {
    let count = 0;
    for (const item of this.#items) if (item.kind === 'event') count++;
    return count;
  }

  get edus(): number {
    return this.#fleeting.size;
  }

  /** Adds an item in its place. `reached`: everything up to that position has been offered. */
  offer(item: PositionedItem, now: number, reached: number): void {
    if (!this.isLive && !this.#isCollecting) return;
    this.#insert(item);
    const items = this.#items;
    if (this.isLive) this.waitingSince = Math.min(this.waitingSince, now);
    if (items.length <= mostItems) return;
    // Too far behind: from now on only the newest of each room counts.
    if (this.isLive) this.cursor = Math.min((items[0] as PositionedItem).position - 1, reached);
    this.#items = [];
    this.#isCollecting = false;
  }

  /** The next items in order. */
  next(limit: number): readonly PositionedItem[] {
    return this.#items.slice(0, limit);
  }

  remove(sent: readonly PositionedItem[], now: number): void {
    const gone = new Set(sent);
    this.#items = this.#items.filter((item) => !gone.has(item));
    this.waitingSince = this.#items.length > 0 ? now : Infinity;
  }

  /** Before the tables are read for the last time: what comes from now on is kept. */
  startCollecting(): void {
    this.#items = [];
    this.#isCollecting = true;
  }

  stopCollecting(): void {
    this.#items = [];
    this.#isCollecting = false;
  }

  /** The tables hold nothing more but these. Whether it is live now: not if too much came in the meantime. */
  goLive(found: readonly PositionedItem[], now: number): boolean {
    if (!this.#isCollecting) return false;
    this.#isCollecting = false;
    for (const item of found) this.#insert(item);
    this.cursor = undefined;
    this.waitingSince = this.#items.length > 0 ? now : Infinity;
    return true;
  }

  #insert(item: PositionedItem): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0 && (items[at - 1] as PositionedItem).position > item.position) at--;
    for (let i = at - 1; i >= 0 && items[i]?.position === item.position; i--)
      if (isSame(items[i] as PositionedItem, item)) return;
    items.splice(at, 0, item);
  }

  offerFleeting(edu: FleetingEdu, replaces: string | undefined): void {
    const key = replaces ?? `#${++this.#unnamed}`;
    this.#fleeting.delete(key);
    this.#fleeting.set(key, edu);
    if (this.#fleeting.size <= mostFleeting) return;
    const [oldest] = this.#fleeting.keys();
    if (oldest !== undefined) this.#fleeting.delete(oldest);
  }

  takeFleeting(limit: number): FleetingEdu[] {
    const taken: FleetingEdu[] = [];
    for (const [key, edu] of this.#fleeting) {
      if (taken.length >= limit) break;
      taken.push(edu);
      this.#fleeting.delete(key);
    }
    return taken;
  }
}
