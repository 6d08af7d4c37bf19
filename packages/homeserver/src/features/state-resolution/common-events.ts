import type { ChainNid, Citation } from '../auth-graph/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import { Looks, type AuthDifferenceParts } from './auth-difference-parts.ts';
import type { Differences } from './differences.ts';
import type { IndexedView } from './indexed-view.ts';

/** An event of a chain; the state key is the chain's. */
interface Place {
  readonly chain: ChainNid;
  readonly event: EventNid;
  readonly stateKey: StateKeyNid | undefined;
}

interface Step {
  readonly place: Place;
  /** What rests on it and is to be looked at. */
  waiting: Place[];
  /** The last link that was read. */
  after: Citation | undefined;
}

/** So many events' chains are read together. */
const placedAtOnce = 100;
const defaultLongSearch = 10_000;

/**
 * Which events all states lead to: those that all have, those that each leads to by another (`noteShared`), and what
 * these rest on. Asked from the event upwards: along its chain to what the states have for the chain's key, and along the
 * links that come in there to the chains that rest on it. What was found out for an event of a chain holds for all before it if
 * it is common, else for all behind it, so that of each chain only what lies between is looked at again.
 */
export class CommonEvents {
  readonly #parts: AuthDifferenceParts;
  readonly #first: IndexedView;
  readonly #differences: Differences;
  /** The newest event of a chain that is known to be common, and the oldest that is known not to be. */
  readonly #common = new Map<ChainNid, number>();
  readonly #apart = new Map<ChainNid, number>();
  readonly #chains = new Map<EventNid, ChainNid>();
  /** Events that will be asked for, whose chains may not be known yet. */
  readonly #expected = new Set<EventNid>();
  readonly #loaded = new Set<ChainNid>();
  /** No later event is common, as far as that was found out. */
  #newest = Infinity;
  readonly #looks: Looks;

  /** `first`: one of the states. */
  constructor(first: IndexedView, differences: Differences, parts: AuthDifferenceParts) {
    this.#first = first;
    this.#differences = differences;
    this.#parts = parts;
    this.#looks = new Looks(parts);
  }

  /** This event will be asked for, so that its chain is read with those of others. */
  expect(event: EventNid): void {
    if (!this.#chains.has(event)) this.#expected.add(event);
  }

  /** Each state leads to these events, by another event. */
  async noteShared(events: readonly EventNid[]): Promise<void> {
    if (this.#newest < Infinity) for (const event of events) this.#newest = Math.max(this.#newest, event);
    for (const event of events) raise(this.#common, await this.#chainOf(event), event);
  }

  /** All events with larger numbers that are asked for, or shared, have been so before. Throws ResolutionBudgetError. */
  async has(event: EventNid): Promise<boolean> {
    const stateKey = await this.#parts.stateKeyOf(event);
    if (stateKey !== undefined && !this.#differences.has(stateKey) && (await this.#first.value(stateKey)) === event)
      return true;
    // Nothing stored rests on it.
    if (this.#parts.pending.has(event)) return false;
    return this.#search({ chain: await this.#chainOf(event), event, stateKey });
  }

  async #search(start: Place): Promise<boolean> {
    const known = await this.#known(start);
    if (known !== undefined) return known;
    const path: Step[] = [{ place: start, waiting: [], after: undefined }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { chain, event } = top.place;
      const next = top.waiting.pop();
      if (next !== undefined) {
        const answer = await this.#known(next);
        if (answer === true) return this.#settle(path);
        if (answer === undefined) path.push({ place: next, waiting: [], after: undefined });
        continue;
      }
      const page = await this.#citations(top.place, top.after);
      if (page.length === 0) {
        this.#apart.set(chain, Math.min(event, this.#apart.get(chain) ?? Infinity));
        path.pop();
        continue;
      }
      top.after = page.at(-1);
      if (await this.#isAnyInStates(page)) return this.#settle(path);
      // What leads to the newest events is settled first, and needn't be looked at for the others then.
      top.waiting = page.filter((link) => link.event <= this.#newest).toReversed();
      await this.#loadSparse(page.map((link) => link.chain));
    }
    return false;
  }

  /** Whether this event is common, if that is known already or to be seen in the states. */
  async #known(place: Place): Promise<boolean | undefined> {
    const { chain, event } = place;
    if (event > this.#newest) return false;
    if (event <= (this.#common.get(chain) ?? 0)) return true;
    if (event >= (this.#apart.get(chain) ?? Infinity)) return false;
    return (await this.#isAnyInStates([place])) ? true : undefined;
  }

  /** Whether all states have one of these events, or one that comes after it in its chain. */
  async #isAnyInStates(places: readonly Place[]): Promise<boolean> {
    const later: { value: EventNid; chain: ChainNid }[] = [];
    for (const { chain, event, stateKey } of places) {
      if (stateKey === undefined || this.#differences.has(stateKey)) continue;
      const value = await this.#first.value(stateKey);
      if (value === event) return true;
      if (value !== undefined && value > event && !this.#parts.pending.has(value)) later.push({ value, chain });
    }
    if (later.length === 0) return false;
    const { graph, reader } = this.#parts;
    const values = later.map(({ value }) => value);
    const chains = await graph.chains.chainsOf(values, reader);
    const found = later.find(({ value, chain }) => chains.get(value) === chain);
    if (found) raise(this.#common, found.chain, found.value);
    return found !== undefined;
  }

  #settle(path: readonly Step[]): true {
    for (const { place } of path) raise(this.#common, place.chain, place.event);
    return true;
  }

  async #citations({ chain, event }: Place, after: Citation | undefined): Promise<readonly Citation[]> {
    const { graph, reader, longSearch = defaultLongSearch } = this.#parts;
    // What leads to an event from here on isn't common, as far as it is known.
    const high = Math.min(this.#apart.get(chain) ?? Infinity, this.#newest);
    const page = await graph.chains.citations(chain, event, high, after, reader);
    const pausing = this.#looks.add(page.length + 1);
    if (pausing) await pausing;
    if (this.#looks.count > longSearch && this.#newest === Infinity) this.#newest = await this.#newestCommon();
    return page;
  }

  /** In a room that has gone on since, most of what rests on an event came later than these states. */
  async #newestCommon(): Promise<number> {
    let newest = 0;
    for (const event of this.#common.values()) newest = Math.max(newest, event);
    for (const [key, event] of await this.#first.entries())
      if (event > newest && !this.#differences.has(key) && !this.#parts.pending.has(event)) newest = event;
    return newest;
  }

  /** The chain of an event. Where that must be read, those of expected events are read with it. */
  async #chainOf(event: EventNid): Promise<ChainNid> {
    const known = this.#chains.get(event);
    if (known !== undefined) return known;
    const { graph, reader, pending } = this.#parts;
    const together = [event];
    for (const each of this.#expected) {
      this.#expected.delete(each);
      if (!this.#chains.has(each) && !pending.has(each)) together.push(each);
      if (together.length >= placedAtOnce) break;
    }
    const found = await graph.chains.chainsOf(together, reader);
    for (const [nid, chain] of found) this.#chains.set(nid, chain);
    await this.#loadSparse(found.values());
    return found.get(event) as ChainNid;
  }

  async #loadSparse(chains: Iterable<ChainNid>): Promise<void> {
    // A transaction's own reads aren't kept.
    if (this.#parts.reader) return;
    const missing: ChainNid[] = [];
    for (const chain of chains) {
      if (this.#loaded.has(chain)) continue;
      this.#loaded.add(chain);
      missing.push(chain);
    }
    if (missing.length > 0) await this.#parts.graph.chains.loadSparse(missing);
  }
}

function raise(newest: Map<ChainNid, number>, chain: ChainNid, event: EventNid): void {
  if (event > (newest.get(chain) ?? 0)) newest.set(chain, event);
}
