import type { Database, Writer } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';
import type { DeviceNid, UserNid } from '../names/index.ts';
import type { ToDeviceSource } from '../sync/index.ts';
import type { MessageStore, NewMessage } from './message-store.ts';

/** Messages in one answer, as the specification recommends, and their characters; one always fits. */
const mostInAnswer = 100;
const largestAnswer = 1_048_576;

/** What may wait for one device. */
export interface QueueLimits {
  readonly messages: number;
  readonly characters: number;
}

const defaultLimits: QueueLimits = { messages: 20_000, characters: 32 * 1024 * 1024 };

/** What memory knows of a device's queue, so that most syncs needn't ask the database. */
interface QueueState {
  /** No message waits below this position. 0: not known. */
  first: number;
  /** The lowest position that was added since `first` was last found out. */
  added: number;
  /** What was added since the queue was last measured. */
  messages: number;
  characters: number;
}

/** The queues of messages to devices: filled by senders, given out by /sync, emptied when a device confirms. */
export class DeviceQueues implements ToDeviceSource {
  readonly #database: Database;
  readonly #store: MessageStore;
  readonly #limits: QueueLimits;
  readonly #states = boundedCache<DeviceNid, QueueState>(50_000);

  constructor(database: Database, store: MessageStore, limits: QueueLimits = defaultLimits) {
    this.#database = database;
    this.#store = store;
    this.#limits = limits;
  }

  /** Stores messages at a position; queues that grow beyond their bound lose the oldest of whoever sent most. */
  async add(writer: Writer, position: number, sender: UserNid, messages: readonly NewMessage[]): Promise<void> {
    await this.#store.add(writer, position, sender, messages);
    for (const { device, message } of messages) {
      const state = this.#states.get(device) ?? this.#newState(device);
      state.messages++;
      state.characters += message.length;
      // Measured now and then: a queue may be longer than its bound by a tenth.
      if (state.messages * 10 > this.#limits.messages || state.characters * 10 > this.#limits.characters) {
        await this.#trim(writer, device);
        state.messages = 0;
        state.characters = 0;
      }
    }
    writer.onDurable(() => {
      for (const { device } of messages) {
        const state = this.#states.peek(device);
        if (!state) continue;
        state.first = Math.min(state.first, position);
        state.added = Math.min(state.added, position);
      }
    });
  }

  async messages(device: DeviceNid, since: number, upTo: number): Promise<{ events: string[]; upTo: number }> {
    if ((this.#states.get(device)?.first ?? 0) > upTo) return { events: [], upTo };
    const rows = await this.#store.list(device, since, upTo, mostInAnswer + 1);
    let size = 0;
    let count = 0;
    for (const { message } of rows) {
      size += message.length;
      if (count > 0 && (count === mostInAnswer || size > largestAnswer)) break;
      count++;
    }
    const given = rows.slice(0, count);
    return {
      events: given.map((row) => row.message),
      upTo: count < rows.length ? (given.at(-1) as { position: number }).position : upTo,
    };
  }

  async acknowledge(device: DeviceNid, since: number): Promise<void> {
    const state = this.#states.get(device) ?? this.#newState(device);
    if (state.first > since) return;
    if (state.first === 0) {
      const oldest = await this.#store.oldest(device);
      state.first = Math.min(oldest ?? Infinity, state.added);
      if (state.first > since) return;
    }
    state.added = Infinity;
    const oldest = await this.#database.transact(async (writer) => {
      await this.#store.deleteUpTo(writer, device, since);
      return this.#store.oldest(device, writer);
    });
    state.first = Math.min(oldest ?? Infinity, state.added);
  }

  /** Drops all that waits for a device. */
  async delete(writer: Writer, device: DeviceNid): Promise<void> {
    await this.#store.deleteAll(writer, device);
    writer.onDurable(() => this.#states.delete(device));
  }

  async #trim(writer: Writer, device: DeviceNid): Promise<void> {
    let { messages, characters } = await this.#store.size(device, writer);
    if (messages <= this.#limits.messages && characters <= this.#limits.characters) return;
    // Who floods a device loses their own messages, not those of others.
    for (const sender of await this.#store.bySender(device, writer)) {
      const excess = Math.max(
        messages - this.#limits.messages,
        ((characters - this.#limits.characters) * sender.messages) / sender.characters,
      );
      if (excess <= 0) return;
      const count = Math.min(sender.messages, Math.ceil(excess));
      await this.#store.dropOldest(writer, device, sender.sender, count);
      messages -= count;
      characters -= (count * sender.characters) / sender.messages;
    }
  }

  #newState(device: DeviceNid): QueueState {
    const state: QueueState = { first: 0, added: Infinity, messages: 0, characters: 0 };
    this.#states.set(device, state);
    return state;
  }
}
