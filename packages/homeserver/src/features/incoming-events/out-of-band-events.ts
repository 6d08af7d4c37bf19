import type { Database } from '@myelin/database';
import type { RoomVersion } from '@myelin/protocol';
import { asStored, eventStatus, type Events, type StoredEvent } from '../events/index.ts';
import type { Names } from '../names/index.ts';
import { emptyState } from '../state-map/index.ts';
import type { EventNamer } from './checking/event-namer.ts';
import type { CheckedPdu } from './incoming-events.ts';

export interface OutOfBandEventsParts {
  readonly database: Database;
  readonly names: Names;
  readonly events: Events;
  readonly namer: EventNamer;
}

/** Events of rooms that this server isn't in: invites, knocks, refused invites. */
export class OutOfBandEvents {
  readonly #parts: OutOfBandEventsParts;

  constructor(parts: OutOfBandEventsParts) {
    this.#parts = parts;
  }

  /** Stores an event as an outlier without a state, unless it is known. Nobody else takes in events of the room meanwhile. */
  async store(version: RoomVersion, roomId: string, pdu: CheckedPdu): Promise<StoredEvent> {
    const { database, names, events, namer } = this.#parts;
    const known = await events.find(pdu.eventId);
    if (known) return known;
    const room = (await names.findRoom(roomId)) ?? (await database.transact((writer) => names.room(writer, roomId)));
    const [unplaced] = await namer.name({ room, roomId, version }, [pdu]);
    const event = asStored(events.takeNid(), {
      ...unplaced!,
      position: undefined,
      stateBefore: emptyState,
      stateAfter: emptyState,
      status: eventStatus.outlier | eventStatus.unchecked,
    });
    return database.transact(async (writer) => {
      const since = await events.find(pdu.eventId, writer);
      if (!since) await events.insertMany(writer, [event]);
      return since ?? event;
    });
  }
}
