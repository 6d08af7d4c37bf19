import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventPlacer } from './event-placer.ts';
import type { Redactions } from './redactions.ts';
import type { RoomHead } from './room-heads.ts';

/** What has become of events of a room that were judged anew. */
export interface Revision {
  /** Clients could see them until now: they don't count. */
  readonly takenBack: readonly StoredEvent[];
  /** They count, and didn't before. */
  readonly back: readonly StoredEvent[];
  /** They had been redacted by one that doesn't count. */
  readonly restored: readonly StoredEvent[];
}

/** Called in the transaction that judges events of a room anew. */
export type RevisionListener = (writer: Writer, revision: Revision, head: RoomHead) => Promise<void>;

/** Tells whoever has taken notice of events that they were judged anew: once the states before them are known better. */
export class Revisions {
  readonly #placer: EventPlacer;
  readonly #redactions: Redactions;
  readonly #listeners: RevisionListener[] = [];

  constructor(placer: EventPlacer, redactions: Redactions) {
    this.#placer = placer;
    this.#redactions = redactions;
  }

  onRevision(listener: RevisionListener): void {
    this.#listeners.push(listener);
  }

  /** After the room has its new state. What is back is told to the projections first, as any event that comes. */
  async tell(writer: Writer, head: RoomHead, { takenBack, back }: Pick<Revision, 'takenBack' | 'back'>): Promise<void> {
    if (takenBack.length === 0 && back.length === 0) return;
    for (const event of back) await this.#placer.tell(writer, event, head);
    const restored = await this.#redactions.takeBack(writer, takenBack, head);
    for (const listener of this.#listeners) await listener(writer, { takenBack, back, restored }, head);
  }
}
