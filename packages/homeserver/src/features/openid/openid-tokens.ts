import { createHash } from 'node:crypto';
import { sql, type Database, type Writer } from '@myelin/database';
import { randomString, type Cancellable, type Clock, type Random, type Timers } from '@myelin/runtime';
import type { UserNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';

export interface OpenIdTokensParts {
  readonly database: Database;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
}

/** Milliseconds; an hour, as with Synapse. */
export const openIdLifetime = 3_600_000;
const mostOfUser = 50;
const sweepInterval = 3_600_000;

/** Tokens by which a user proves to a third party who they are, and nothing else. Client-Server API §"OpenID". */
export class OpenIdTokens {
  readonly #parts: OpenIdTokensParts;
  readonly #counter: Counter;
  readonly #sweeper: Cancellable;

  private constructor(parts: OpenIdTokensParts, counter: Counter) {
    this.#parts = parts;
    this.#counter = counter;
    this.#sweeper = parts.timers.every(sweepInterval, () => void this.expire().catch(() => {}));
  }

  static async open(parts: OpenIdTokensParts): Promise<OpenIdTokens> {
    return new OpenIdTokens(parts, await parts.counters.open('openid_tokens'));
  }

  /** Makes a token; the oldest goes where a user has too many. */
  async create(user: UserNid): Promise<string> {
    const { database, clock, random } = this.#parts;
    const token = randomString(random, 32);
    await database.transact(async (writer) => {
      const rows = await writer.all<{ nid: number }>(
        sql`SELECT nid FROM openid_tokens WHERE user_nid = ${user} ORDER BY nid DESC`,
      );
      const oldest = rows[mostOfUser - 1];
      if (oldest) await writer.run(sql`DELETE FROM openid_tokens WHERE user_nid = ${user} AND nid <= ${oldest.nid}`);
      await writer.run(sql`INSERT INTO openid_tokens (token_hash, nid, user_nid, valid_until)
        VALUES (${hashOf(token)}, ${this.#counter.take()}, ${user}, ${clock.now() + openIdLifetime})`);
    });
    return token;
  }

  /** Whose token it is; undefined for one that is unknown or expired. */
  async owner(token: string): Promise<UserNid | undefined> {
    const row = await this.#parts.database.reader.get<{ user_nid: number; valid_until: number }>(
      sql`SELECT user_nid, valid_until FROM openid_tokens WHERE token_hash = ${hashOf(token)}`,
    );
    return row && row.valid_until > this.#parts.clock.now() ? (row.user_nid as UserNid) : undefined;
  }

  async removeOfUser(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM openid_tokens WHERE user_nid = ${user}`);
  }

  async expire(): Promise<void> {
    const now = this.#parts.clock.now();
    await this.#parts.database.transact((writer) =>
      writer.run(sql`DELETE FROM openid_tokens WHERE valid_until <= ${now}`),
    );
  }

  stop(): void {
    this.#sweeper.cancel();
  }
}

/** Tokens have over 190 random bits, so a plain hash keeps them safe. */
function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
