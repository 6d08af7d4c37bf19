import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventProjection } from '../timeline/index.ts';
import type { Presence } from './presence.ts';

/** Who says something is there. */
export class MessageActivity implements EventProjection {
  readonly #presence: Presence;

  constructor(presence: Presence) {
    this.#presence = presence;
  }

  async apply(writer: Writer, event: StoredEvent): Promise<void> {
    if (!event.isState) writer.onDurable(() => this.#presence.activeSomewhere(event.senderNid));
  }
}
