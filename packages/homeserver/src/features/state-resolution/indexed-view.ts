import type { Reader } from '@myelin/database';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import type { StateChange, StateMaps } from '../state-map/index.ts';
import type { StateView } from './state-view.ts';

/** A state of which many keys are asked for: what is other than in the stored one, or was found before, is there at once. */
export class IndexedView {
  readonly view: StateView;
  readonly #maps: StateMaps;
  readonly #reader: Reader | undefined;
  readonly #changes: ReadonlyMap<StateKeyNid, StateChange>;
  readonly #noted = new Map<StateKeyNid, EventNid | undefined>();
  readonly #assumed = new Map<StateKeyNid, EventNid>();

  constructor(view: StateView, maps: StateMaps, reader: Reader | undefined) {
    this.view = view;
    this.#maps = maps;
    this.#reader = reader;
    this.#changes = new Map(view.changes.map((change) => [change.key, change]));
  }

  /** What the state has for a key, or is assumed to have. */
  value(key: StateKeyNid): EventNid | undefined | Promise<EventNid | undefined> {
    return this.#assumed.get(key) ?? this.known(key);
  }

  /** What the state itself has for a key. */
  known(key: StateKeyNid): EventNid | undefined | Promise<EventNid | undefined> {
    const changed = this.#changes.get(key);
    if (changed) return changed.event;
    const noted = this.#noted.get(key);
    if (noted !== undefined || this.#noted.has(key)) return noted;
    return this.#maps.get(this.view.root, key, this.#reader);
  }

  /** Every key with its event, assumed ones among them: costs what the state is large. */
  async entries(): Promise<Map<StateKeyNid, EventNid>> {
    const entries = new Map(await this.#maps.entries(this.view.root, this.#reader));
    for (const { key, event } of this.view.changes) {
      if (event === undefined) entries.delete(key);
      else entries.set(key, event);
    }
    for (const [key, event] of this.#assumed) entries.set(key, event);
    return entries;
  }

  /** The state lacks this key, and counts as if it had this event. */
  assume(key: StateKeyNid, event: EventNid): void {
    this.#assumed.set(key, event);
  }

  /** Remembers what the stored state has for a key. */
  note(key: StateKeyNid, event: EventNid | undefined): void {
    this.#noted.set(key, event);
  }
}
