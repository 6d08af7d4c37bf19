import { sql, type Writer } from '@myelin/database';
import type { Clock } from '@myelin/runtime';

const usualMost = 50_000;
/** Servers that haven't shown a key for so long (ms) make room for others. */
const oldMs = 90 * 86_400_000;
/** Between two looks for such servers, in ms. */
const lookMs = 3_600_000;

/**
 * Of how many servers keys are stored. Anybody may call us in the name of servers without number, each with keys: what is
 * stored of others isn't given up for those. Keys of servers for which there is no room are known while this server runs.
 */
export class StoredServers {
  readonly #clock: Clock;
  readonly #most: number;
  #count: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, most = usualMost) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Whether the keys of a server may be stored: because others of it are, or there is room. */
  async hasRoomFor(writer: Writer, serverName: string): Promise<boolean> {
    if (await writer.get(sql`SELECT 1 AS one FROM server_keys WHERE server_name = ${serverName} LIMIT 1`)) return true;
    // More than there are, if a transaction fails: found out anew when there seems to be no room.
    this.#count ??= await countIn(writer);
    if (this.#count >= this.#most) await this.#makeRoom(writer);
    if (this.#count >= this.#most) return false;
    this.#count++;
    return true;
  }

  async #makeRoom(writer: Writer): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#lookedAt < lookMs && now >= this.#lookedAt) return;
    this.#lookedAt = now;
    // Nobody is believed that a key in use holds for longer than a week, so this is when it was last seen.
    await writer.run(
      sql`DELETE FROM server_keys WHERE server_name IN (
        SELECT server_name FROM server_keys GROUP BY server_name
        HAVING MAX(CASE WHEN is_old = 0 THEN valid_until ELSE 0 END) < ${now - oldMs})`,
    );
    await writer.run(
      sql`DELETE FROM server_key_answers WHERE server_name NOT IN (SELECT server_name FROM server_keys)`,
    );
    this.#count = await countIn(writer);
  }
}

async function countIn(writer: Writer): Promise<number> {
  const found = await writer.get<{ n: number }>(sql`SELECT COUNT(DISTINCT server_name) AS n FROM server_keys`);
  return found?.n ?? 0;
}
