import { Breather, type Clock, type Timers } from '@myelin/runtime';
import type { Events, StoredEvent } from '../events/index.ts';
import { memberOfKey, type EventNid } from '../names/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';

export interface SlowReadingParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly maps: StateMaps;
  readonly events: Events;
}

/** So many events are read at once. */
const slice = 200;

/** Reads states and events that can be very many, and lets others go on meanwhile. */
export class SlowReading {
  readonly #parts: SlowReadingParts;

  constructor(parts: SlowReadingParts) {
    this.#parts = parts;
  }

  /** The events of a state but refused ones, with or without its members. */
  async state(state: StateRoot, withMembers: boolean): Promise<StoredEvent[]> {
    const { maps, events } = this.#parts;
    const wanted: EventNid[] = [];
    for (const [key, nid] of await maps.entries(state))
      if (withMembers || memberOfKey(key) === undefined) wanted.push(nid);
    const found: StoredEvent[] = [];
    for await (const some of this.slices(wanted)) {
      const read = await events.getMany(some);
      for (const nid of some) {
        const event = read.get(nid);
        if (event && !event.isRejected) found.push(event);
      }
    }
    return found;
  }

  /** Those among many events that are known. */
  async byId(eventIds: Iterable<string>): Promise<Map<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>();
    for await (const some of this.slices([...eventIds]))
      for (const [id, event] of await this.#parts.events.findMany(some)) found.set(id, event);
    return found;
  }

  /** A list piece by piece, with pauses. */
  slices<T>(items: readonly T[]): AsyncGenerator<readonly T[], void> {
    return new Breather(this.#parts.clock, this.#parts.timers).slices(items, slice);
  }
}
