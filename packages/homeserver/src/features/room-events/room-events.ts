import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import { isJsonObject, type JsonObject } from '@myelin/protocol';
import { refuseSuspended, requireConsent, type Requester } from '../../http/index.ts';
import type { Accounts } from '../accounts/index.ts';
import type { Transactions } from '../client-events/index.ts';
import type { Events } from '../events/index.ts';
import type { DeviceNid, RoomNid } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { AuthStates, RoomHead, RoomStates, Timeline } from '../timeline/index.ts';
import { checkEventForm } from './event-checks.ts';
import type { RedactionLimits } from './redaction-limits.ts';
import type { RoomAccess } from './room-access.ts';

/** Looks at a state event that a user is about to send; throws to refuse it. */
export type StateCheck = (requester: Requester, room: RoomNid, stateKey: string, content: JsonObject) => Promise<void>;

/** Looks at a message event inside the transaction that would send it; throws to refuse it. */
export type MessageCheck = (
  requester: Requester,
  room: RoomNid,
  type: string,
  content: JsonObject,
  writer: Writer,
) => Promise<void>;

/** What follows from a state event, in its transaction; resolves to the room's head after it. */
export type StateEffect = (writer: Writer, head: RoomHead) => Promise<RoomHead>;

export interface RoomEventParts {
  readonly timeline: Timeline;
  readonly events: Events;
  readonly states: RoomStates;
  readonly accounts: Accounts;
  readonly authStates: AuthStates;
  readonly roomServers: Pick<JoinedServers, 'isFederated'>;
  readonly transactions: Transactions;
  readonly access: RoomAccess;
  readonly redactionLimits: RedactionLimits;
  readonly serverName: string;
}

/** An event as a client sends it. */
interface Sending {
  readonly type: string;
  readonly stateKey?: string;
  readonly content: JsonObject;
  readonly redacts?: string;
}

/** Sending events into rooms. Client-Server API §"Sending events to a room", §"Redactions". */
export class RoomEvents {
  readonly #parts: RoomEventParts;
  readonly #stateChecks = new Map<string, StateCheck>();
  readonly #stateEffects = new Map<string, StateEffect>();
  readonly #messageChecks: MessageCheck[] = [];

  constructor(parts: RoomEventParts) {
    this.#parts = parts;
  }

  /** Adds a check for state events of a type (aliases must exist, for instance). */
  addStateCheck(type: string, check: StateCheck): void {
    this.#stateChecks.set(type, check);
  }

  addStateEffect(type: string, effect: StateEffect): void {
    this.#stateEffects.set(type, effect);
  }

  addMessageCheck(check: MessageCheck): void {
    this.#messageChecks.push(check);
  }

  /**
   * Sends a message event; the same transaction id of the same device makes one event only (without one every call makes
   * one). Resolves to the event's id.
   */
  async sendMessage(
    requester: Requester,
    roomId: string,
    type: string,
    content: JsonObject,
    transactionId?: string,
  ): Promise<string> {
    checkEventForm({ type, content, roomId }, this.#parts.serverName);
    const room = await this.#parts.access.roomForSending(roomId);
    const sending = type === 'm.room.redaction' ? redactionOf(content) : { type, content };
    if (type !== 'm.room.redaction') refuseSuspended(requester);
    return this.#once(requester, room, `${room}/${type}`, transactionId, async (writer, head) => {
      if (type === 'm.room.redaction') await this.#checkRedaction(requester, head, sending, writer);
      if (type === 'm.call.invite') await this.#checkCallInvite(head, writer);
      for (const check of this.#messageChecks) await check(requester, room, type, content, writer);
      return sending;
    });
  }

  /** Sends a state event; resolves to its id, or that of the event that says the same already. */
  async sendState(
    requester: Requester,
    roomId: string,
    type: string,
    stateKey: string,
    content: JsonObject,
  ): Promise<string> {
    const { access, timeline, serverName } = this.#parts;
    refuseSuspended(requester);
    requireConsent(requester);
    checkEventForm({ type, stateKey, content, roomId }, serverName);
    const room = await access.roomForSending(roomId);
    await this.#stateChecks.get(type)?.(requester, room, stateKey, content);
    return timeline.write(room, async (writer, head) => {
      await access.requireMember(head, requester, writer);
      const sent = await timeline.appendIn(writer, head, {
        type,
        stateKey,
        content,
        sender: requester.userId,
        senderNid: requester.user,
      });
      await this.#stateEffects.get(type)?.(writer, sent.head);
      return sent.event.eventId;
    });
  }

  /** Redacts an event. `content` may hold a reason. Throws M_NOT_FOUND for events that aren't the room's. */
  async redact(
    requester: Requester,
    roomId: string,
    eventId: string,
    content: JsonObject,
    transactionId?: string,
  ): Promise<string> {
    const { access, events, redactionLimits } = this.#parts;
    const room = await access.roomForSending(roomId);
    redactionLimits.check(requester, (await events.findInRoom(room, eventId))?.senderNid === requester.user);
    return this.#once(requester, room, `${room}/redact/${eventId}`, transactionId, async (writer, head) => {
      const named = content['redacts'];
      if (head.version.redactsInContent && named !== undefined && named !== eventId) {
        throw new MatrixError('M_INVALID_PARAM', 'The event to redact in the body is another than in the path');
      }
      const sending: Sending = { type: 'm.room.redaction', content, redacts: eventId };
      await this.#checkRedaction(requester, head, sending, writer);
      return sending;
    });
  }

  async #once(
    requester: Requester,
    room: RoomNid,
    scope: string,
    transactionId: string | undefined,
    prepare: (writer: Writer, head: RoomHead) => Promise<Sending>,
  ): Promise<string> {
    const { timeline, transactions, events, access } = this.#parts;
    // Tokens without a device have transaction ids of their own.
    const owner = requester.device ?? (-requester.token as DeviceNid);
    return timeline.write(room, async (writer, head) => {
      const earlier =
        transactionId === undefined ? undefined : await transactions.find(writer, owner, scope, transactionId);
      if (earlier !== undefined) return (await events.get(earlier, writer)).eventId;
      await access.requireMember(head, requester, writer);
      requireConsent(requester);
      const sending = await prepare(writer, head);
      const { event } = await timeline.appendIn(writer, head, {
        ...sending,
        sender: requester.userId,
        senderNid: requester.user,
      });
      if (transactionId !== undefined) await transactions.add(writer, owner, scope, transactionId, event.nid);
      return event.eventId;
    });
  }

  /** From room version 3 on the rules let any redaction pass and only some take effect: ours are checked before. */
  async #checkRedaction(requester: Requester, head: RoomHead, { redacts }: Sending, writer: Writer): Promise<void> {
    const { events, accounts, authStates } = this.#parts;
    if (redacts === undefined) throw new MatrixError('M_BAD_JSON', 'The redaction names no event');
    const target = await events.findInRoom(head.room, redacts, writer);
    if (!target) {
      await this.#checkUnknownRedaction(requester, head, writer);
      return;
    }
    if (target.type === 'm.room.create')
      throw new MatrixError('M_FORBIDDEN', 'Redacting create events is not permitted');
    if (target.type === 'm.room.server_acl')
      throw new MatrixError('M_FORBIDDEN', 'Redacting server ACL events is not permitted');
    if (target.senderNid === requester.user) return;
    refuseSuspended(requester);
    if (requester.isAdmin && (await accounts.isLocal(target.senderNid))) return;
    const levels = await authStates.levels(head, writer);
    if (!levels.canRedactOthers(requester.userId))
      throw new MatrixError('M_FORBIDDEN', "You don't have permission to redact events of others");
  }

  /** Other servers in the room may have the event: who may redact any may name one that isn't known here. */
  async #checkUnknownRedaction(requester: Requester, head: RoomHead, writer: Writer): Promise<void> {
    const { authStates, roomServers } = this.#parts;
    const levels = await authStates.levels(head, writer);
    if (!roomServers.isFederated(head.room) || !levels.canRedactOthers(requester.userId))
      throw new MatrixError('M_NOT_FOUND', 'Could not find the event to redact');
    refuseSuspended(requester);
  }

  /** In a public room everybody's telephone would ring. */
  async #checkCallInvite(head: RoomHead, writer: Writer): Promise<void> {
    const rules = await this.#parts.states.get(head.state, 'm.room.join_rules', '', writer);
    if (rules?.content['join_rule'] === 'public')
      throw new MatrixError('M_FORBIDDEN', 'Call invites are not allowed in public rooms.');
  }
}

/** Where the redacted event is named is for the room's version to say. Client-Server API §PUT /send. */
function redactionOf({ redacts, ...content }: JsonObject): Sending {
  return { type: 'm.room.redaction', content, ...(typeof redacts === 'string' ? { redacts } : {}) };
}

/** The content of an event must be an object. */
export function eventContent(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw new MatrixError('M_BAD_JSON', 'The content of an event must be an object');
  return body;
}
