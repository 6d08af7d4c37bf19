import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import { isJsonObject, type JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { Transactions } from '../client-events/index.ts';
import type { Events } from '../events/index.ts';
import type { DeviceNid, RoomNid } from '../names/index.ts';
import type { AuthStates, RoomHead, Timeline } from '../timeline/index.ts';
import type { RoomAccess } from './room-access.ts';

/** Looks at a state event that a user is about to send; throws to refuse it. */
export type StateCheck = (requester: Requester, room: RoomNid, stateKey: string, content: JsonObject) => Promise<void>;

/** Looks at a message event inside the transaction that would send it; throws to refuse it. */
export type MessageCheck = (requester: Requester, room: RoomNid, type: string, content: JsonObject, writer: Writer) => Promise<void>;

export interface RoomEventParts {
  readonly timeline: Timeline;
  readonly events: Events;
  readonly authStates: AuthStates;
  readonly transactions: Transactions;
  readonly access: RoomAccess;
}

interface Sending {
  readonly type: string;
  readonly stateKey?: string;
  readonly content: JsonObject;
  readonly redacts?: string;
  readonly originServerTs?: number;
}

/** Sending events into rooms. Client-Server API §"Sending events to a room", §"Redactions". */
export class RoomEvents {
  readonly #parts: RoomEventParts;
  readonly #stateChecks = new Map<string, StateCheck>();
  readonly #messageChecks: MessageCheck[] = [];

  constructor(parts: RoomEventParts) {
    this.#parts = parts;
  }

  /** Adds a check for state events of a type (aliases must exist, for instance). */
  addStateCheck(type: string, check: StateCheck): void {
    this.#stateChecks.set(type, check);
  }

  addMessageCheck(check: MessageCheck): void {
    this.#messageChecks.push(check);
  }

  /** Sends a message event; the same transaction id of the same device makes one event only. Resolves to its id. */
  async sendMessage(requester: Requester, roomId: string, type: string, content: JsonObject, transactionId: string, originServerTs?: number): Promise<string> {
    const room = await this.#parts.access.knownRoom(roomId);
    const redacts = type === 'm.room.redaction' && typeof content['redacts'] === 'string' ? content['redacts'] : undefined;
    const sending: Sending = {
      type,
      content,
      ...(redacts === undefined ? {} : { redacts }),
      ...(originServerTs === undefined ? {} : { originServerTs }),
    };
    return this.#once(requester, room, `${room}/${type}`, transactionId, async (writer, head) => {
      if (redacts !== undefined) await this.#checkRedaction(requester, head, redacts, writer);
      for (const check of this.#messageChecks) await check(requester, room, type, content, writer);
      return sending;
    });
  }

  /** Sends a state event; resolves to its id, or that of the event that says the same already. */
  async sendState(requester: Requester, roomId: string, type: string, stateKey: string, content: JsonObject, originServerTs?: number): Promise<string> {
    const room = await this.#parts.access.knownRoom(roomId);
    await this.#stateChecks.get(type)?.(requester, room, stateKey, content);
    const event = await this.#parts.timeline.append(room, {
      type,
      stateKey,
      content,
      sender: requester.userId,
      senderNid: requester.user,
      ...(originServerTs === undefined ? {} : { originServerTs }),
    });
    return event.eventId;
  }

  async redact(requester: Requester, roomId: string, eventId: string, transactionId: string, content: JsonObject): Promise<string> {
    const room = await this.#parts.access.knownRoom(roomId);
    return this.#once(requester, room, `${room}/redact/${eventId}`, transactionId, async (writer, head) => {
      await this.#checkRedaction(requester, head, eventId, writer);
      return { type: 'm.room.redaction', content, redacts: eventId };
    });
  }

  async #once(
    requester: Requester,
    room: RoomNid,
    scope: string,
    transactionId: string,
    prepare: (writer: Writer, head: RoomHead) => Promise<Sending>,
  ): Promise<string> {
    const { timeline, transactions, events } = this.#parts;
    // Tokens without a device have transaction ids of their own.
    const owner = requester.device ?? (-requester.token as DeviceNid);
    return timeline.write(room, async (writer, head) => {
      const earlier = await transactions.find(writer, owner, scope, transactionId);
      if (earlier !== undefined) return (await events.get(earlier, writer)).eventId;
      const sending = await prepare(writer, head);
      const { event } = await timeline.appendIn(writer, head, { ...sending, sender: requester.userId, senderNid: requester.user });
      await transactions.add(writer, owner, scope, transactionId, event.nid);
      return event.eventId;
    });
  }

  /** From room version 3 on the rules let any redaction pass and only some take effect: ours are checked before. */
  async #checkRedaction(requester: Requester, head: RoomHead, targetId: string, writer: Writer): Promise<void> {
    const target = await this.#parts.events.findInRoom(head.room, targetId, writer);
    if (!target) throw new MatrixError('M_NOT_FOUND', 'Could not find the event to redact');
    if (target.type === 'm.room.create') throw new MatrixError('M_FORBIDDEN', 'Redacting create events is not permitted');
    if (target.type === 'm.room.server_acl') throw new MatrixError('M_FORBIDDEN', 'Redacting server ACL events is not permitted');
    if (target.senderNid === requester.user) return;
    const levels = await this.#parts.authStates.levels(head, writer);
    if (!levels.canRedactOthers(requester.userId)) throw new MatrixError('M_FORBIDDEN', "You don't have permission to redact events of others");
  }
}

/** The content of an event must be an object. */
export function eventContent(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw new MatrixError('M_BAD_JSON', 'The content of an event must be an object');
  return body;
}
