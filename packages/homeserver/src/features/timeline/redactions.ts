import { sql, type Writer } from '@myelin/database';
import { canonicalJson, redactEvent, redactionApplies, redactsOf } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import type { AuthStates } from './auth-states.ts';
import type { EventContext, EventProjection } from './projection.ts';
import type { RoomHead } from './room-heads.ts';

/** So many redactions of an event that isn't here are looked at when it comes. */
const mostAwaited = 20;

/**
 * Carries out redactions: the target is marked and read in its redacted form from now on. Client-Server API §"Redactions".
 * A redaction can come before its target.
 */
export class Redactions implements EventProjection {
  readonly #serverName: string;
  readonly #events: Events;
  readonly #authStates: AuthStates;

  constructor(serverName: string, events: Events, authStates: AuthStates) {
    this.#serverName = serverName;
    this.#events = events;
    this.#authStates = authStates;
  }

  async apply(writer: Writer, event: StoredEvent, { head }: EventContext): Promise<void> {
    // Nobody knows an event of this server before it is stored.
    if (!event.sender.endsWith(`:${this.#serverName}`)) await this.#meetAwaited(writer, event, head);
    if (event.type !== 'm.room.redaction' || event.isState) return;
    const targetId = redactsOf(event.pdu, head.version);
    if (targetId === undefined) return;
    const target = await this.#events.findInRoom(event.room, targetId, writer);
    // The first may be taken back: then the second counts.
    if (target && target.fields.redactedBy === undefined) await this.#redact(writer, event, target, head);
    else await this.#await(writer, event, targetId);
  }

  /**
   * Redactions of a room that were carried out have turned out not to count: what they took away is there again, unless
   * others took it away too. Resolves to the events that are.
   */
  async takeBack(writer: Writer, redactions: readonly StoredEvent[], head: RoomHead): Promise<StoredEvent[]> {
    const restored: StoredEvent[] = [];
    for (const event of redactions) {
      if (event.type !== 'm.room.redaction' || event.isState) continue;
      const targetId = redactsOf(event.pdu, head.version);
      const target = targetId === undefined ? undefined : await this.#events.findInRoom(event.room, targetId, writer);
      if (target?.fields.redactedBy !== event.nid) continue;
      await this.#events.markUnredacted(writer, target.nid);
      await this.#meetAwaited(writer, await this.#events.get(target.nid, writer), head);
      const after = await this.#events.get(target.nid, writer);
      if (after.fields.redactedBy === undefined) restored.push(after);
    }
    return restored;
  }

  async #redact(writer: Writer, event: StoredEvent, target: StoredEvent, { version }: RoomHead): Promise<boolean> {
    if (target.fields.redactedBy !== undefined) return true;
    const levels = await this.#authStates.levels({ version, state: event.fields.stateBefore }, writer);
    if (!redactionApplies(event, target, levels, version)) return false;
    const remains = canonicalJson(redactEvent(target.pdu, version), 'lenient');
    await this.#events.markRedacted(writer, target.nid, event.nid, remains);
    return true;
  }

  async #await(writer: Writer, event: StoredEvent, targetId: string): Promise<void> {
    // Longer names belong to no event.
    if (Buffer.byteLength(targetId) > 255) return;
    await writer.insert('awaited_redactions', ['target_id', 'redaction'], [[targetId, event.nid]], 'DO NOTHING');
  }

  async #meetAwaited(writer: Writer, event: StoredEvent, head: RoomHead): Promise<void> {
    const rows = await writer.all<{ redaction: number }>(
      sql`SELECT redaction FROM awaited_redactions WHERE target_id = ${event.eventId} ORDER BY redaction LIMIT ${mostAwaited}`,
    );
    if (rows.length === 0) return;
    const redactions = await this.#events.getMany(
      rows.map((row) => row.redaction as EventNid),
      writer,
    );
    for (const redaction of redactions.values())
      if (redaction.room === event.room && (await this.#redact(writer, redaction, event, head))) break;
    await writer.run(sql`DELETE FROM awaited_redactions WHERE target_id = ${event.eventId}`);
  }
}
