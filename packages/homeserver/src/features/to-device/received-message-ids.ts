import { sql, type Writer } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';

/** How long they are remembered, in ms: servers may be cut off from each other for long. */
const lifetime = 30 * 24 * 3_600_000;
/** So many of one server are remembered, and a tenth more between two looks. */
const mostOfServer = 50_000;
const mostCounted = 5_000;

/** Which messages to devices came from other servers, so that what they send again isn't delivered again. */
export class ReceivedMessageIds {
  readonly #mostOfServer: number;
  /** How many came from a server since its older ones were last forgotten. */
  readonly #counts = boundedCache<string, number>(mostCounted);

  constructor(most: number = mostOfServer) {
    this.#mostOfServer = most;
  }

  async has(writer: Writer, origin: string, messageId: string): Promise<boolean> {
    const found = await writer.get(
      sql`SELECT 1 AS one FROM to_device_received WHERE origin = ${origin} AND message_id = ${messageId}`,
    );
    return found !== undefined;
  }

  /** `now` in ms since 1970. */
  async note(writer: Writer, origin: string, messageId: string, now: number): Promise<void> {
    await writer.run(sql`INSERT INTO to_device_received (origin, message_id, received_at)
      VALUES (${origin}, ${messageId}, ${now}) ON CONFLICT (origin, message_id) DO NOTHING`);
    const count = (this.#counts.get(origin) ?? 0) + 1;
    const isMany = count * 10 > this.#mostOfServer;
    this.#counts.set(origin, isMany ? 0 : count);
    if (isMany) await this.#forgetOldest(writer, origin);
  }

  /** Forgets the old ones. */
  async prune(writer: Writer, now: number): Promise<void> {
    await writer.run(sql`DELETE FROM to_device_received WHERE received_at < ${now - lifetime}`);
  }

  async #forgetOldest(writer: Writer, origin: string): Promise<void> {
    const limit = await writer.get<{ received_at: number }>(
      sql`SELECT received_at FROM to_device_received WHERE origin = ${origin}
        ORDER BY received_at DESC LIMIT 1 OFFSET ${this.#mostOfServer}`,
    );
    if (!limit) return;
    await writer.run(
      sql`DELETE FROM to_device_received WHERE origin = ${origin} AND received_at <= ${limit.received_at}`,
    );
  }
}
