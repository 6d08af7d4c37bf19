import type { Reader } from '@myelin/database';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import type { StateChange, StateMaps } from '../state-map/index.ts';
import type { StateView } from './state-view.ts';

/** A state of which many keys are asked for: what is other than in the stored one is found at once. */
export class IndexedView {
  readonly view: StateView;
  readonly #maps: StateMaps;
  readonly #reader: Reader | undefined;
  readonly #changes: ReadonlyMap<StateKeyNid, StateChange>;

  constructor(view: StateView, maps: StateMaps, reader: Reader | undefined) {
    this.view = view;
    this.#maps = maps;
    this.#reader = reader;
    this.#changes = new Map(view.changes.map((change) => [change.key, change]));
  }

  /** What the state has for a key. */
  async value(key: StateKeyNid): Promise<EventNid | undefined> {
    const changed = this.#changes.get(key);
    return changed ? changed.event : this.#maps.get(this.view.root, key, this.#reader);
  }
}
