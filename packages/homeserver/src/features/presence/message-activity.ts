import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventContext, EventProjection } from '../timeline/index.ts';
import type { Presence } from './presence.ts';

/** Who says something is there. */
export class MessageActivity implements EventProjection {
  readonly #presence: Presence;

  constructor(presence: Presence) {
    this.#presence = presence;
  }

  async apply(writer: Writer, event: StoredEvent, { way }: EventContext): Promise<void> {
    if (way === 'sent' && !event.isState) writer.onDurable(() => this.#presence.activeSomewhere(event.senderNid));
  }
}
