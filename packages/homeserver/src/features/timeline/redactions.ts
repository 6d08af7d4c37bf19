import type { Writer } from '@myelin/database';
import { canonicalJson, redactEvent, redactionApplies, redactsOf } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { AuthStates } from './auth-states.ts';
import type { EventContext, EventProjection } from './projection.ts';

/** Carries out redactions: the target is marked and read in its redacted form from now on. Client-Server API §"Redactions". */
export class Redactions implements EventProjection {
  readonly #events: Events;
  readonly #authStates: AuthStates;

  constructor(events: Events, authStates: AuthStates) {
    this.#events = events;
    this.#authStates = authStates;
  }

  async apply(writer: Writer, event: StoredEvent, { head }: EventContext): Promise<void> {
    if (event.type !== 'm.room.redaction' || event.isState) return;
    const targetId = redactsOf(event.pdu, head.version);
    if (targetId === undefined) return;
    const target = await this.#events.findInRoom(event.room, targetId, writer);
    if (!target || target.fields.redactedBy !== undefined) return;
    const levels = await this.#authStates.levels({ version: head.version, state: event.fields.stateBefore }, writer);
    if (!redactionApplies(event, target, levels, head.version)) return;
    const remains = canonicalJson(redactEvent(target.pdu, head.version), 'lenient');
    await this.#events.markRedacted(writer, target.nid, event.nid, remains);
  }
}
