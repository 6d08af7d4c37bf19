import { prevEventIds } from '@myelin/protocol';
import type { ForkedRoom, PlacedEvent, StateIds } from './forked-room.ts';

/**
 * What a server shows of events that are pushed to it one by one, each after those that it follows, by the plain words of the
 * specification. Server-Server API §5.1.
 */
export class ReceivingModel {
  /** Neither refused nor soft-failed. */
  readonly shown = new Set<string>();
  readonly #room: ForkedRoom;
  readonly #seen = new Set<string>();
  #ends: readonly PlacedEvent[];
  #current: StateIds;

  constructor(room: ForkedRoom, ends: readonly PlacedEvent[]) {
    this.#room = room;
    this.#ends = ends;
    this.#current = room.resolved(ends.map(({ after }) => after));
  }

  receive(eventId: string): void {
    const event = this.#room.events.get(eventId)!;
    if (this.#seen.has(eventId)) return;
    this.#seen.add(eventId);
    if (event.rejected || !this.#room.allows(event.pdu, this.#current)) return;
    this.shown.add(eventId);
    const covered = this.#covered(event);
    this.#ends = [...this.#ends.filter((end) => !covered.has(end.eventId)), event];
    this.#current = this.#room.resolved(this.#ends.map(({ after }) => after));
  }

  /** The events that it follows, through those that aren't shown. */
  #covered(event: PlacedEvent): Set<string> {
    const covered = new Set<string>();
    const open = [event];
    for (let next = open.pop(); next; next = open.pop()) {
      for (const id of prevEventIds(next.pdu, this.#room.version)) {
        if (covered.has(id)) continue;
        covered.add(id);
        if (this.#seen.has(id) && !this.shown.has(id)) open.push(this.#room.events.get(id)!);
      }
    }
    return covered;
  }
}
