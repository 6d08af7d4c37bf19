import { authEventIds, createEventIdOfRoom, type RoomVersion } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { SlowReading } from './slow-reading.ts';

const textStart = '{"auth_events":';

/** The events that authorize events, and those that authorize them, back to the beginning of the room. */
export class AuthChains {
  readonly #reading: SlowReading;

  constructor(reading: SlowReading) {
    this.#reading = reading;
  }

  /**
   * The auth chains of events of one room, each event once; the given ones are among them only if another one names them.
   * Costs what the answer is long.
   */
  async of(version: RoomVersion, events: Iterable<StoredEvent>): Promise<StoredEvent[]> {
    const chain = new Map<string, StoredEvent | undefined>();
    let layer = [...events];
    for (;;) {
      const next = new Set<string>();
      for await (const some of this.#reading.slices(layer))
        for (const event of some) for (const id of namedBy(event, version)) if (!chain.has(id)) next.add(id);
      if (next.size === 0) break;
      const found = await this.#reading.byId(next);
      for (const id of next) chain.set(id, found.get(id));
      layer = [...found.values()];
    }
    const out: StoredEvent[] = [];
    for (const event of chain.values()) if (event && !event.isRejected) out.push(event);
    return out;
  }
}

/** The events that authorize an event: from version 12 on the create event goes without saying. */
function namedBy(event: StoredEvent, version: RoomVersion): string[] {
  const named = idsIn(event, version);
  if (!version.roomIdIsCreateEventId || event.type === 'm.room.create') return named;
  return [...named, createEventIdOfRoom(event.roomId)];
}

/** From the text where it stands at its beginning, as it nearly always does: an event needn't be parsed for it. */
function idsIn(event: StoredEvent, version: RoomVersion): string[] {
  const { json } = event.fields;
  if (version.eventIdFormat === 'base64url' && json.startsWith(textStart)) {
    const end = json.indexOf(']', textStart.length);
    return JSON.parse(json.slice(textStart.length, end + 1)) as string[];
  }
  return authEventIds(event.pdu, version);
}
