import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { DeviceNid, UserNid } from '../names/index.ts';

export interface QueuedMessage {
  readonly position: number;
  /** JSON text as it goes into a sync. */
  readonly message: string;
}

export interface NewMessage {
  readonly device: DeviceNid;
  readonly message: string;
}

const columns = ['device', 'position', 'sender', 'message'] as const;

/** The messages that wait for devices. */
export class MessageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(writer: Writer, position: number, sender: UserNid, messages: readonly NewMessage[]): Promise<void> {
    await writer.insert(
      'to_device_messages',
      columns,
      messages.map(({ device, message }) => [device, position, sender, message]),
    );
  }

  /** Oldest first, `since < position <= upTo`. */
  async list(device: DeviceNid, since: number, upTo: number, limit: number): Promise<QueuedMessage[]> {
    return this.#database.reader.all<{ position: number; message: string }>(
      sql`SELECT position, message FROM to_device_messages
          WHERE device = ${device} AND position > ${since} AND position <= ${upTo} ORDER BY position LIMIT ${limit}`,
    );
  }

  /** The position of the oldest message; undefined if none waits. */
  async oldest(device: DeviceNid, reader: Reader = this.#database.reader): Promise<number | undefined> {
    const row = await reader.get<{ oldest: number | null }>(
      sql`SELECT MIN(position) AS oldest FROM to_device_messages WHERE device = ${device}`,
    );
    return row?.oldest ?? undefined;
  }

  async size(
    device: DeviceNid,
    reader: Reader = this.#database.reader,
  ): Promise<{ messages: number; characters: number }> {
    const row = await reader.get<{ messages: number; characters: number | null }>(
      sql`SELECT COUNT(*) AS messages, CAST(SUM(LENGTH(message)) AS BIGINT) AS characters FROM to_device_messages WHERE device = ${device}`,
    );
    return { messages: row?.messages ?? 0, characters: row?.characters ?? 0 };
  }

  /** How much each sender has waiting for a device, the one with most first. */
  async bySender(
    device: DeviceNid,
    reader: Reader,
  ): Promise<{ sender: UserNid; messages: number; characters: number }[]> {
    const rows = await reader.all<{ sender: number; messages: number; characters: number }>(
      sql`SELECT sender, COUNT(*) AS messages, CAST(SUM(LENGTH(message)) AS BIGINT) AS characters FROM to_device_messages
          WHERE device = ${device} GROUP BY sender ORDER BY 3 DESC, 1`,
    );
    return rows.map((row) => ({ ...row, sender: row.sender as UserNid }));
  }

  /** Drops the oldest messages of a sender. */
  async dropOldest(writer: Writer, device: DeviceNid, sender: UserNid, count: number): Promise<void> {
    await writer.run(sql`DELETE FROM to_device_messages WHERE device = ${device} AND position IN (
      SELECT position FROM to_device_messages WHERE device = ${device} AND sender = ${sender} ORDER BY position LIMIT ${count})`);
  }

  async deleteUpTo(writer: Writer, device: DeviceNid, position: number): Promise<number> {
    return writer.run(sql`DELETE FROM to_device_messages WHERE device = ${device} AND position <= ${position}`);
  }

  async deleteAll(writer: Writer, device: DeviceNid): Promise<void> {
    await writer.run(sql`DELETE FROM to_device_messages WHERE device = ${device}`);
  }
}
