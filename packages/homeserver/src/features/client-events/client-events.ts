import type { Reader } from '@myelin/database';
import { redactEvent, redactsOf, type RoomVersion } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { Events, StoredEvent } from '../events/index.ts';
import { memberKey, type DeviceNid, type EventNid, type UserNid } from '../names/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';
import type { Transactions } from './transactions.ts';

export interface ClientEventOptions {
  /** The reader: decides about `unsigned.membership` and `unsigned.transaction_id`. */
  readonly user: UserNid;
  readonly device: DeviceNid | undefined;
  /** Sync leaves `room_id` out. */
  readonly withRoomId: boolean;
  /** Relations that are told with events (`unsigned["m.relations"]`), as JSON texts by event. */
  readonly relations?: ReadonlyMap<EventNid, string>;
}

export interface ClientEventParts {
  readonly clock: Clock;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly heads: RoomHeads;
  readonly transactions: Transactions;
  readonly states: RoomStates;
}

/**
 * Events as clients see them, put together as text from what is stored. Client-Server API §"Room event format".
 */
export class ClientEvents {
  readonly #parts: ClientEventParts;
  /** The part of an event's text that is the same for every reader, by event number; without `}`. */
  readonly #base = new LRUCache<EventNid, string>({ maxSize: 32 * 1024 * 1024, sizeCalculation: (text) => text.length * 2 + 100 });

  constructor(parts: ClientEventParts) {
    this.#parts = parts;
  }

  /** JSON texts of events, in their order. */
  async format(events: readonly StoredEvent[], options: ClientEventOptions, reader?: Reader): Promise<string[]> {
    const out: string[] = [];
    for (const event of events) out.push(await this.formatOne(event, options, reader));
    return out;
  }

  async formatOne(event: StoredEvent, options: ClientEventOptions, reader?: Reader): Promise<string> {
    const unsigned = await this.#unsigned(event, options, reader);
    return `${await this.#baseText(event, reader)}${options.withRoomId ? `,"room_id":${JSON.stringify(event.roomId)}` : ''},"unsigned":{${unsigned}}}`;
  }

  /** The stripped form for invites, knocks and previews: no ids, no times. Client-Server API §"Stripped state". */
  async stripped(event: StoredEvent): Promise<string> {
    const version = await this.#version(event);
    return `{"content":${this.#contentText(event, version)},"sender":${JSON.stringify(event.sender)},"state_key":${JSON.stringify(event.stateKey ?? '')},"type":${JSON.stringify(event.type)}}`;
  }

  /** The content that readers may see: pruned if the event was redacted. JSON text. */
  async contentText(event: StoredEvent): Promise<string> {
    return event.fields.redactedBy === undefined ? event.contentText : this.#contentText(event, await this.#version(event));
  }

  #contentText(event: StoredEvent, version: RoomVersion): string {
    if (event.fields.redactedBy === undefined) return event.contentText;
    return JSON.stringify(redactEvent(event.pdu, version).content);
  }

  async #baseText(event: StoredEvent, reader?: Reader): Promise<string> {
    // A redacted event is another object than before (see Events.markRedacted), so the mark is part of what is cached.
    const cached = event.fields.redactedBy === undefined ? this.#base.get(event.nid) : undefined;
    if (cached !== undefined) return cached;
    const version = await this.#version(event, reader);
    let text = `{"content":${this.#clientContent(event, version)},"event_id":${JSON.stringify(event.eventId)},"origin_server_ts":${event.fields.originServerTs}`;
    const redacts = event.type === 'm.room.redaction' && event.fields.redactedBy === undefined ? redactsOf(event.pdu, version) : undefined;
    if (redacts !== undefined) text += `,"redacts":${JSON.stringify(redacts)}`;
    text += `,"sender":${JSON.stringify(event.sender)}`;
    if (event.stateKey !== undefined) text += `,"state_key":${JSON.stringify(event.stateKey)}`;
    text += `,"type":${JSON.stringify(event.type)}`;
    if (event.fields.redactedBy === undefined) this.#base.set(event.nid, text);
    return text;
  }

  /** Redactions name their target both ways, whatever the room version: Client-Server API §m.room.redaction. */
  #clientContent(event: StoredEvent, version: RoomVersion): string {
    if (event.type !== 'm.room.redaction' || version.redactsInContent || event.fields.redactedBy !== undefined) {
      return this.#contentText(event, version);
    }
    const redacts = redactsOf(event.pdu, version);
    return redacts === undefined ? event.contentText : JSON.stringify({ ...event.content, redacts });
  }

  async #unsigned(event: StoredEvent, options: ClientEventOptions, reader?: Reader): Promise<string> {
    const { clock, events, maps, transactions } = this.#parts;
    let text = `"age":${Math.max(0, clock.now() - event.fields.originServerTs)}`;
    if (event.position !== undefined) {
      const nid = await maps.get(event.fields.stateAfter, memberKey(options.user), reader);
      const membership = nid === undefined ? 'leave' : (events.cached(nid) ?? (await events.get(nid, reader))).content['membership'];
      text += `,"membership":${JSON.stringify(typeof membership === 'string' ? membership : 'leave')}`;
    }
    if (event.fields.stateKeyNid !== undefined) {
      const previous = await maps.get(event.fields.stateBefore, event.fields.stateKeyNid, reader);
      if (previous !== undefined && previous !== event.nid) {
        const replaced = await events.get(previous, reader);
        text += `,"prev_content":${await this.contentText(replaced)},"prev_sender":${JSON.stringify(replaced.sender)},"replaces_state":${JSON.stringify(replaced.eventId)}`;
      }
    }
    if (options.device !== undefined && event.senderNid === options.user) {
      const transactionId = await transactions.idOf(event.nid, options.device);
      if (transactionId !== undefined) text += `,"transaction_id":${JSON.stringify(transactionId)}`;
    }
    if (event.fields.redactedBy !== undefined) {
      const redaction = await events.get(event.fields.redactedBy, reader);
      const because = await this.formatOne(redaction, { user: options.user, device: options.device, withRoomId: true }, reader);
      text += `,"redacted_because":${because}`;
    }
    const relations = options.relations?.get(event.nid);
    if (relations !== undefined && event.fields.redactedBy === undefined) text += `,"m.relations":${relations}`;
    return text;
  }

  async #version(event: StoredEvent, reader?: Reader): Promise<RoomVersion> {
    const head = await this.#parts.heads.find(event.room, reader);
    if (!head) throw new Error(`Event ${event.nid} is of an unknown room`);
    return head.version;
  }
}
