import { MatrixError } from '@myelin/api';
import { sql, type Database, type Writer } from '@myelin/database';
import { canonicalJson, CanonicalJsonError, parseUserId, type JsonObject } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import type { RateLimiter, Requester } from '../../http/index.ts';
import type { Device, Devices } from '../devices/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';
import type { DeviceQueues } from './device-queues.ts';
import type { NewMessage } from './message-store.ts';
import { ReceivedMessageIds } from './received-message-ids.ts';
import type { MessagesByDevice, RemoteToDevice } from './remote-to-device.ts';

export interface ToDeviceParts {
  readonly serverName: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly streams: Streams;
  readonly names: Names;
  readonly devices: Devices;
  readonly queues: DeviceQueues;
  /** Until there is another. */
  readonly remote: RemoteToDevice;
  /** `rc_key_requests`: m.room_key_request to other users. */
  readonly keyRequests: RateLimiter;
}

/** Messages of a user of another server. */
export interface ReceivedMessages {
  /** A user id of the origin. */
  readonly sender: string;
  readonly type: string;
  /** Names it among those of the origin. */
  readonly messageId: string;
  readonly messages: MessagesByDevice;
}

/** A message as the server passes it on. */
interface Outgoing {
  /** Asked for if there is a device to deliver to. */
  readonly sender: (writer: Writer) => Promise<UserNid>;
  readonly senderId: string;
  readonly type: string;
}

/** Bytes of one message's content, as with Synapse: it must fit into a transaction between servers. */
const largestContent = 65_536;
/** What one request may store: `*` multiplies what was sent. */
const mostMessages = 10_000;
const largestRequest = 32 * 1024 * 1024;
const longestName = 255;
/** How long a transaction id is remembered, and how often old ones are dropped, in milliseconds. */
const transactionLifetime = 24 * 3_600_000;
const pruneInterval = 3_600_000;

/** Messages from device to device. Client-Server API §"Send-to-Device messaging". */
export class ToDevice {
  readonly #parts: ToDeviceParts;
  readonly #received = new ReceivedMessageIds();
  readonly #pruning: Cancellable;
  #remote: RemoteToDevice;

  constructor(parts: ToDeviceParts) {
    this.#parts = parts;
    this.#remote = parts.remote;
    this.#pruning = parts.timers.every(pruneInterval, () => void this.prune().catch(() => {}));
    parts.devices.onDelete(async (writer, device) => {
      await parts.queues.delete(writer, device.nid);
      await writer.run(sql`DELETE FROM to_device_transactions WHERE owner = ${device.nid}`);
    });
  }

  /** Lets messages to devices of other servers' users be sent. */
  useRemote(remote: RemoteToDevice): void {
    this.#remote = remote;
  }

  /** Sends messages of one type; the same transaction id of the same device sends once. */
  async send(requester: Requester, type: string, transactionId: string, messages: MessagesByDevice): Promise<void> {
    if (type.length > longestName) throw new MatrixError('M_INVALID_PARAM', 'The event type is too long');
    if (transactionId.length > longestName) throw new MatrixError('M_INVALID_PARAM', 'The transaction id is too long');
    const { database, clock } = this.#parts;
    const contents = contentTexts(messages);
    const { local, byServer } = await this.#sort(messages, (userId) => this.#mayAsk(requester, type, userId));
    const outgoing: Outgoing = { sender: async () => requester.user, senderId: requester.userId, type };
    // Tokens without a device have transaction ids of their own.
    const owner = requester.device ?? -requester.token;
    await database.transact(async (writer) => {
      const now = clock.now();
      const isNew = await writer.run(sql`INSERT INTO to_device_transactions (owner, event_type, transaction_id, sent_at)
        VALUES (${owner}, ${type}, ${transactionId}, ${now}) ON CONFLICT (owner, transaction_id, event_type)
        DO UPDATE SET sent_at = excluded.sent_at WHERE to_device_transactions.sent_at < ${now - transactionLifetime}`);
      if (isNew === 0) return;
      await this.#deliver(writer, outgoing, local, contents);
      if (byServer.size > 0) await this.#remote.enqueue(writer, { sender: requester.userId, type, byServer });
    });
  }

  /**
   * Delivers messages of another server, once whatever it repeats. Server-Server API §"Send-to-device messaging". Throws
   * M_INVALID_PARAM, M_TOO_LARGE, M_BAD_JSON.
   */
  async receive(origin: string, { sender, type, messageId, messages }: ReceivedMessages): Promise<void> {
    if (type.length > longestName || messageId === '' || messageId.length > longestName)
      throw new MatrixError('M_INVALID_PARAM', 'The type or the id of the message is too long');
    const { database, clock, names } = this.#parts;
    const contents = contentTexts(messages);
    const { local } = await this.#sort(messages, (userId) => this.#mayAskFrom(sender, type, userId));
    if (local.size === 0) return;
    await database.transact(async (writer) => {
      if (await this.#received.has(writer, origin, messageId)) return;
      // Users whom nobody knows count together, so that a server can't fill the table of names by making them up.
      const user = async (): Promise<UserNid> =>
        (await names.findUser(sender, writer)) ?? (await names.user(writer, `@:${origin}`));
      // What goes to nobody isn't remembered: a server may send as much of it as it likes.
      if (await this.#deliver(writer, { sender: user, senderId: sender, type }, local, contents))
        await this.#received.note(writer, origin, messageId, clock.now());
    });
  }

  /** Forgets transaction ids that are older than a day, and of other servers' messages those older than a month. */
  async prune(): Promise<void> {
    const now = this.#parts.clock.now();
    await this.#parts.database.transact(async (writer) => {
      await writer.run(sql`DELETE FROM to_device_transactions WHERE sent_at < ${now - transactionLifetime}`);
      await this.#received.prune(writer, now);
    });
  }

  stop(): void {
    this.#pruning.cancel();
  }

  /** Whether there was a device to deliver to. */
  async #deliver(
    writer: Writer,
    { sender, senderId, type }: Outgoing,
    local: ReadonlyMap<UserNid, Readonly<Record<string, JsonObject>>>,
    contents: ReadonlyMap<JsonObject, string>,
  ): Promise<boolean> {
    if (local.size === 0) return false;
    const { devices, queues, streams } = this.#parts;
    const tail = `,"sender":${JSON.stringify(senderId)},"type":${JSON.stringify(type)}}`;
    const messages: NewMessage[] = [];
    const users: UserNid[] = [];
    let size = 0;
    for (const [user, owned] of await devices.ofUsers([...local.keys()], writer)) {
      const before = messages.length;
      for (const [device, content] of addressed(owned, local.get(user) ?? {})) {
        const message = `{"content":${contents.get(content) as string}${tail}`;
        messages.push({ device: device.nid, message });
        size += message.length;
        if (messages.length > mostMessages || size > largestRequest)
          throw new MatrixError('M_TOO_LARGE', 'Too many messages in one request');
      }
      if (messages.length > before) users.push(user);
    }
    if (messages.length === 0) return false;
    const position = streams.next(writer, { kind: 'to-device', users, devices: messages.map(({ device }) => device) });
    await queues.add(writer, position, await sender(writer), messages);
    return true;
  }

  /** Local users by number, other servers' by server. Who doesn't exist gets nothing. */
  async #sort(
    messages: MessagesByDevice,
    isAllowed: (userId: string) => boolean,
  ): Promise<{
    local: Map<UserNid, Readonly<Record<string, JsonObject>>>;
    byServer: Map<string, Record<string, Readonly<Record<string, JsonObject>>>>;
  }> {
    const own = new Map<string, Readonly<Record<string, JsonObject>>>();
    const byServer = new Map<string, Record<string, Readonly<Record<string, JsonObject>>>>();
    for (const [userId, byDevice] of Object.entries(messages)) {
      const parts = parseUserId(userId);
      if (!parts || !isAllowed(userId)) continue;
      if (parts.serverName === this.#parts.serverName) {
        own.set(userId, byDevice);
      } else {
        const ofServer = byServer.get(parts.serverName) ?? {};
        ofServer[userId] = byDevice;
        byServer.set(parts.serverName, ofServer);
      }
    }
    const local = new Map<UserNid, Readonly<Record<string, JsonObject>>>();
    for (const [userId, user] of await this.#parts.names.findUsers(own.keys())) local.set(user, own.get(userId) ?? {});
    return { local, byServer };
  }

  /** Requests for keys are dropped when a device sends too many of them. */
  #mayAsk(requester: Requester, type: string, userId: string): boolean {
    if (type !== 'm.room_key_request' || userId === requester.userId || requester.isExemptFromLimits) return true;
    return this.#parts.keyRequests.allows(`${requester.user} ${requester.device ?? ''}`);
  }

  /** The same for a user of another server. */
  #mayAskFrom(sender: string, type: string, userId: string): boolean {
    const isOwn = parseUserId(userId)?.serverName === this.#parts.serverName;
    return isOwn && (type !== 'm.room_key_request' || this.#parts.keyRequests.allows(sender));
  }
}

/** The devices that are meant, each once: `*` is all those that aren't named. */
function* addressed(
  devices: readonly Device[],
  byDevice: Readonly<Record<string, JsonObject>>,
): Generator<[Device, JsonObject]> {
  const named = new Map(Object.entries(byDevice));
  const toAll = named.get('*');
  for (const device of devices) {
    const content = named.get(device.deviceId) ?? toAll;
    if (content) yield [device, content];
  }
}

/** Each content as JSON text. Throws M_TOO_LARGE, or M_BAD_JSON for text that others couldn't read. */
function contentTexts(messages: MessagesByDevice): ReadonlyMap<JsonObject, string> {
  const texts = new Map<JsonObject, string>();
  for (const byDevice of Object.values(messages)) {
    for (const content of Object.values(byDevice)) {
      const text = contentText(content);
      if (Buffer.byteLength(text) > largestContent)
        throw new MatrixError('M_TOO_LARGE', 'A message to a device is too large');
      texts.set(content, text);
    }
  }
  return texts;
}

function contentText(content: JsonObject): string {
  try {
    return canonicalJson(content, 'lenient');
  } catch (error) {
    if (error instanceof CanonicalJsonError)
      throw new MatrixError('M_BAD_JSON', 'A message holds text or numbers that JSON in Matrix may not');
    throw error;
  }
}
