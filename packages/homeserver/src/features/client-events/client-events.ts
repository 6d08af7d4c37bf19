import type { Reader } from '@myelin/database';
import {
  canonicalJson,
  historyVisibilityOf,
  redactEvent,
  redactsOf,
  visibilityForClient,
  type RoomVersion,
} from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { Events, StoredEvent } from '../events/index.ts';
import { memberKey, type DeviceNid, type EventNid, type UserNid } from '../names/index.ts';
import { emptyState, type StateMaps } from '../state-map/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';
import { transactionLifetime, type Transactions } from './transactions.ts';

export interface ClientEventOptions {
  /** The reader: decides about `unsigned.membership`, `unsigned.prev_content` and `unsigned.transaction_id`. */
  readonly user: UserNid;
  readonly device: DeviceNid | undefined;
  /** Sync leaves `room_id` out. */
  readonly withRoomId: boolean;
  /** The reader isn't and wasn't in the room. */
  readonly isPeeking?: boolean;
  /** Relations that are told with events (`unsigned["m.relations"]`), as JSON texts by event. */
  readonly relations?: ReadonlyMap<EventNid, string>;
  /** Events that are shown as if they were redacted: who wrote them is ignored. */
  readonly pruned?: ReadonlySet<EventNid>;
  /** `event_format: federation` of filters: events as servers have them. */
  readonly federationFormat?: boolean;
  /** Part of a list so long that keeping its texts would cost more than making them again. */
  readonly isPassing?: boolean;
}

export interface ClientEventParts {
  readonly clock: Clock;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly heads: RoomHeads;
  readonly transactions: Transactions;
  readonly states: RoomStates;
  readonly cacheBytes: number;
}

/**
 * Events as clients see them, put together as text from what is stored. Client-Server API §"Room event format".
 */
export class ClientEvents {
  readonly #parts: ClientEventParts;
  /** The part of an event's text that is the same for every reader, by event number; without `}`. Not of redacted events. */
  readonly #base: LRUCache<EventNid, string>;

  constructor(parts: ClientEventParts) {
    this.#parts = parts;
    this.#base = new LRUCache({ maxSize: parts.cacheBytes, sizeCalculation: (text) => text.length * 2 + 100 });
  }

  /** JSON texts of events, in their order. */
  async format(events: readonly StoredEvent[], options: ClientEventOptions, reader?: Reader): Promise<string[]> {
    const out: string[] = [];
    for (const event of events) out.push(await this.formatOne(event, options, reader));
    return out;
  }

  async formatOne(stored: StoredEvent, options: ClientEventOptions, reader?: Reader): Promise<string> {
    const event = options.pruned?.has(stored.nid) ? await this.#pruned(stored, reader) : stored;
    const unsigned = await this.#unsigned(event, options, reader);
    if (options.federationFormat) return `${federationText(event)},"unsigned":{${unsigned}}}`;
    return `${await this.#baseText(event, reader, options.isPassing)}${options.withRoomId ? `,"room_id":${JSON.stringify(event.roomId)}` : ''},"unsigned":{${unsigned}}}`;
  }

  /** The stripped form for invites, knocks and previews: no ids, no times. Client-Server API §"Stripped state". */
  async stripped(event: StoredEvent): Promise<string> {
    return `{"content":${event.contentText},"sender":${JSON.stringify(event.sender)},"state_key":${JSON.stringify(event.stateKey ?? '')},"type":${JSON.stringify(event.type)}}`;
  }

  async #baseText(event: StoredEvent, reader?: Reader, isPassing = false): Promise<string> {
    const isPruned = event.fields.unredactedJson !== undefined;
    const cached = isPruned ? undefined : this.#base.get(event.nid);
    if (cached !== undefined) return cached;
    const version = event.type === 'm.room.redaction' ? await this.#version(event, reader) : undefined;
    const redacts = version && redactsOf(event.pdu, version);
    let text = `{"content":${contentText(event, redacts)},"event_id":${JSON.stringify(event.eventId)},"origin_server_ts":${event.fields.originServerTs}`;
    if (redacts !== undefined) text += `,"redacts":${JSON.stringify(redacts)}`;
    text += `,"sender":${JSON.stringify(event.sender)}`;
    if (event.stateKey !== undefined) text += `,"state_key":${JSON.stringify(event.stateKey)}`;
    text += `,"type":${JSON.stringify(event.type)}`;
    if (!isPruned && !isPassing) this.#base.set(event.nid, text);
    return text;
  }

  async #unsigned(event: StoredEvent, options: ClientEventOptions, reader?: Reader): Promise<string> {
    const { clock, events, transactions } = this.#parts;
    const age = Math.max(0, clock.now() - event.fields.originServerTs);
    let text = `"age":${age}`;
    if (event.position !== undefined)
      text += `,"membership":${JSON.stringify(await this.#membershipAfter(event, options.user, reader))}`;
    // Outliers, of which a big room's list of members has thousands, know of nothing before them.
    if (event.isState && event.fields.stateBefore !== emptyState) text += await this.#replaced(event, options, reader);
    if (options.device !== undefined && event.senderNid === options.user && age < transactionLifetime) {
      const transactionId = await transactions.idOf(event.nid, options.device);
      if (transactionId !== undefined) text += `,"transaction_id":${JSON.stringify(transactionId)}`;
    }
    if (event.fields.redactedBy !== undefined) {
      const redaction = await events.get(event.fields.redactedBy, reader);
      text += `,"redacted_because":${await this.#redactedBecause(redaction, options, reader)}`;
    }
    const relations = options.relations?.get(event.nid);
    return relations === undefined ? text : `${text},"m.relations":${relations}`;
  }

  /** Without what is told of the redaction's own redaction: chains of them have no end. */
  async #redactedBecause(redaction: StoredEvent, options: ClientEventOptions, reader?: Reader): Promise<string> {
    const age = Math.max(0, this.#parts.clock.now() - redaction.fields.originServerTs);
    const base = options.federationFormat
      ? federationText(redaction)
      : `${await this.#baseText(redaction, reader)},"room_id":${JSON.stringify(redaction.roomId)}`;
    return `${base},"unsigned":{"age":${age},"membership":${JSON.stringify(await this.#membershipAfter(redaction, options.user, reader))}}}`;
  }

  async #replaced(event: StoredEvent, options: ClientEventOptions, reader?: Reader): Promise<string> {
    const { maps, events } = this.#parts;
    const nid =
      event.fields.stateKeyNid && (await maps.get(event.fields.stateBefore, event.fields.stateKeyNid, reader));
    if (nid === undefined || nid === event.nid) return '';
    const replaced = await events.get(nid, reader);
    const text = `,"replaces_state":${JSON.stringify(replaced.eventId)}`;
    if (!(await this.#maySee(replaced, options, reader))) return text;
    return `${text},"prev_content":${replaced.contentText},"prev_sender":${JSON.stringify(replaced.sender)}`;
  }

  /** Whether a reader who sees an event may also see the one that it replaced in the state. */
  async #maySee(
    event: StoredEvent,
    { user, isPeeking = false }: ClientEventOptions,
    reader?: Reader,
  ): Promise<boolean> {
    const { states } = this.#parts;
    const { stateBefore, stateAfter } = event.fields;
    const visibility = historyVisibilityOf(
      (await states.get(stateAfter, 'm.room.history_visibility', '', reader))?.content,
    );
    if (visibility === 'world_readable' || (visibility === 'shared' && !isPeeking)) return true;
    const isOwnMembership = event.fields.stateKeyNid === memberKey(user);
    const before =
      event.type === 'm.room.history_visibility'
        ? await states.get(stateBefore, 'm.room.history_visibility', '', reader)
        : undefined;
    return (
      visibilityForClient({
        visibility,
        visibilityBefore: event.type === 'm.room.history_visibility' ? historyVisibilityOf(before?.content) : undefined,
        membership: await states.membership(stateAfter, user, reader),
        isOwnMembership,
        membershipBefore: isOwnMembership ? await states.membership(stateBefore, user, reader) : undefined,
        joinedSince: !isPeeking,
        isState: true,
        senderIgnored: false,
        senderErased: false,
        isOutlier: event.isOutlier,
      }) !== 'hidden'
    );
  }

  async #membershipAfter(event: StoredEvent, user: UserNid, reader?: Reader): Promise<string> {
    const { maps, events } = this.#parts;
    const nid = await maps.get(event.fields.stateAfter, memberKey(user), reader);
    const membership =
      nid === undefined ? undefined : (events.cached(nid) ?? (await events.get(nid, reader))).content['membership'];
    return typeof membership === 'string' ? membership : 'leave';
  }

  async #pruned(event: StoredEvent, reader?: Reader): Promise<StoredEvent> {
    return event.pruned(canonicalJson(redactEvent(event.pdu, await this.#version(event, reader)), 'lenient'));
  }

  async #version(event: StoredEvent, reader?: Reader): Promise<RoomVersion> {
    const head = await this.#parts.heads.find(event.room, reader);
    if (!head) throw new Error(`Event ${event.nid} is of an unknown room`);
    return head.version;
  }
}

/** Redactions name their target both ways, whatever the room version: Room Version 11, "Moving the redacts property". */
function contentText(event: StoredEvent, redacts: string | undefined): string {
  if (redacts === undefined || event.content['redacts'] === redacts) return event.contentText;
  return canonicalJson({ ...event.content, redacts }, 'lenient');
}

/** The event as servers have it, with its id; without `}`. */
function federationText(event: StoredEvent): string {
  const { unsigned: _unsigned, ...pdu } = event.pdu;
  return canonicalJson({ ...pdu, event_id: event.eventId }, 'lenient').slice(0, -1);
}
