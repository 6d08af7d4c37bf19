import type { Reader, Sql, Writer } from '@myelin/database';
import { LRUCache } from 'lru-cache';
import type { EventNid, Names, RoomNid, StateKeyNid, UserNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import { decodeEventId } from './event-id-code.ts';
import { textOf, type EventRow } from './event-rows.ts';
import { StoredEvent } from './stored-event.ts';

/** About what a cached event takes besides its text, in bytes; texts count twice, for the parsed form. */
const eventOverhead = 600;

/** The stored events that were used last, and how rows become events. */
export class EventCache {
  readonly #names: Names;
  readonly #byNid: LRUCache<number, StoredEvent>;
  /** Grows with each change of a stored event, so that what was read before it isn't cached after it. */
  #changes = 0;
  /** Events with changes that aren't durable yet: only their transaction may see these. */
  readonly #changing = new Map<number, number>();

  readonly #listeners: ((event: EventNid) => void)[] = [];

  constructor(names: Names, maxBytes: number) {
    this.#names = names;
    this.#byNid = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ fields }) => eventOverhead + (fields.json.length + (fields.unredactedJson?.length ?? 0)) * 2,
    });
  }

  /** `listener` is told of each stored event that was changed, when that is durable. */
  onChange(listener: (event: EventNid) => void): void {
    this.#listeners.push(listener);
  }

  get(nid: EventNid): StoredEvent | undefined {
    return this.#byNid.get(nid);
  }

  add(event: StoredEvent): void {
    this.#byNid.set(event.nid, event);
  }

  /** What is known of an event doesn't hold any more: another connection has changed it. */
  forget(event: EventNid): void {
    this.#changes++;
    this.#byNid.delete(event);
  }

  /** A stored event is being changed in a transaction. */
  changed(writer: Writer, event: EventNid): void {
    this.#byNid.delete(event);
    this.#changing.set(event, (this.#changing.get(event) ?? 0) + 1);
    const settle = (): void => {
      const others = (this.#changing.get(event) ?? 1) - 1;
      if (others === 0) this.#changing.delete(event);
      else this.#changing.set(event, others);
      this.forget(event);
    };
    writer.onDurable(() => {
      settle();
      for (const listener of this.#listeners) listener(event);
    });
    writer.onRollback(settle);
  }

  /** The events of a query for whole rows. */
  async select(reader: Reader, query: Sql): Promise<StoredEvent[]> {
    const before = this.#changes;
    const rows = await reader.all<EventRow>(query);
    if (rows.length === 0) return [];
    const events: StoredEvent[] = [];
    for (const row of rows) {
      let event = this.#byNid.get(row.nid);
      if (!event) {
        event = await this.#fromRow(row, reader);
        if (before === this.#changes && !this.#changing.has(row.nid)) this.#byNid.set(row.nid, event);
      }
      events.push(event);
    }
    return events;
  }

  async #fromRow(row: EventRow, reader: Reader): Promise<StoredEvent> {
    const names = this.#names;
    const room = row.room as RoomNid;
    const sender = row.sender as UserNid;
    const stateKey = row.state_key === null ? undefined : (row.state_key as StateKeyNid);
    return new StoredEvent({
      nid: row.nid as EventNid,
      eventId: decodeEventId(row.event_id),
      room,
      roomId: names.cachedRoomId(room) ?? (await names.roomId(room, reader)),
      type: names.cachedTypeName(row.type as never) ?? (await names.typeName(row.type as never, reader)),
      senderNid: sender,
      sender: names.cachedUserId(sender) ?? (await names.userId(sender, reader)),
      stateKeyNid: stateKey,
      stateKey: stateKey === undefined ? undefined : (await names.stateKeyPair(stateKey, reader)).stateKey,
      depth: row.depth,
      originServerTs: row.origin_server_ts,
      position: row.position ?? undefined,
      stateBefore: row.state_before as StateRoot,
      stateAfter: row.state_after as StateRoot,
      status: row.status,
      redactedBy: row.redacted_by === null ? undefined : (row.redacted_by as EventNid),
      ...textOf(row),
    });
  }
}
