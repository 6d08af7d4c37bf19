import { sql, type Reader, type Writer } from '@myelin/database';
import type { Random } from '@myelin/runtime';
import type { DeviceNid, UserNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import { newToken, tokenHash } from './tokens.ts';

export interface AccessToken {
  readonly nid: number;
  readonly user: UserNid;
  readonly device: DeviceNid | undefined;
  /** Milliseconds since 1970. */
  readonly validUntil: number | undefined;
  /** The refresh token that was given together with it. */
  readonly refreshToken: number | undefined;
  readonly used: boolean;
}

export interface RefreshToken {
  readonly nid: number;
  readonly user: UserNid;
  readonly device: DeviceNid;
  readonly validUntil: number | undefined;
  /** Until when the login as a whole may be prolonged. */
  readonly sessionValidUntil: number | undefined;
  /** What it was exchanged for, while nobody has used that. */
  readonly next: number | undefined;
}

interface AccessRow {
  nid: number;
  user_nid: number;
  device: number | null;
  valid_until: number | null;
  refresh_token: number | null;
  used: number;
}

interface RefreshRow {
  nid: number;
  user_nid: number;
  device: number;
  valid_until: number | null;
  session_valid_until: number | null;
  next_token: number | null;
}

/** The tables of access and refresh tokens. */
export class TokenStore {
  readonly #random: Random;
  readonly #accessCounter: Counter;
  readonly #refreshCounter: Counter;

  private constructor(random: Random, accessCounter: Counter, refreshCounter: Counter) {
    this.#random = random;
    this.#accessCounter = accessCounter;
    this.#refreshCounter = refreshCounter;
  }

  static async open(counters: Counters, random: Random): Promise<TokenStore> {
    return new TokenStore(random, await counters.open('access_tokens'), await counters.open('refresh_tokens'));
  }

  async findAccess(reader: Reader, token: string): Promise<AccessToken | undefined> {
    const row = await reader.get<AccessRow>(
      sql`SELECT nid, user_nid, device, valid_until, refresh_token, used FROM access_tokens WHERE token_hash = ${tokenHash(token)}`,
    );
    if (!row) return undefined;
    return {
      nid: row.nid,
      user: row.user_nid as UserNid,
      device: (row.device ?? undefined) as DeviceNid | undefined,
      validUntil: row.valid_until ?? undefined,
      refreshToken: row.refresh_token ?? undefined,
      used: row.used !== 0,
    };
  }

  async findRefresh(reader: Reader, token: string): Promise<RefreshToken | undefined> {
    const row = await reader.get<RefreshRow>(
      sql`SELECT nid, user_nid, device, valid_until, session_valid_until, next_token FROM refresh_tokens WHERE token_hash = ${tokenHash(token)}`,
    );
    if (!row) return undefined;
    return {
      nid: row.nid,
      user: row.user_nid as UserNid,
      device: row.device as DeviceNid,
      validUntil: row.valid_until ?? undefined,
      sessionValidUntil: row.session_valid_until ?? undefined,
      next: row.next_token ?? undefined,
    };
  }

  /** Resolves to the token, which is known nowhere else. */
  async addAccess(
    writer: Writer,
    token: Pick<AccessToken, 'user' | 'device' | 'validUntil' | 'refreshToken'> & {
      readonly lastValidated: number | undefined;
    },
  ): Promise<string> {
    const text = newToken(this.#random, 'myt');
    await writer.run(sql`INSERT INTO access_tokens (nid, token_hash, user_nid, device, valid_until, refresh_token, used, last_validated)
      VALUES (${this.#accessCounter.take()}, ${tokenHash(text)}, ${token.user}, ${token.device ?? null}, ${token.validUntil ?? null},
        ${token.refreshToken ?? null}, 0, ${token.lastValidated ?? null})`);
    return text;
  }

  /** See `addAccess`. */
  async addRefresh(writer: Writer, token: Omit<RefreshToken, 'nid' | 'next'>): Promise<{ nid: number; text: string }> {
    const text = newToken(this.#random, 'myr');
    const nid = this.#refreshCounter.take();
    await writer.run(sql`INSERT INTO refresh_tokens (nid, token_hash, user_nid, device, valid_until, session_valid_until)
      VALUES (${nid}, ${tokenHash(text)}, ${token.user}, ${token.device}, ${token.validUntil ?? null}, ${token.sessionValidUntil ?? null})`);
    return { nid, text };
  }

  /** Notes what a refresh token was exchanged for, and ends what came before it. */
  async exchange(writer: Writer, old: RefreshToken, next: number): Promise<void> {
    await writer.run(sql`UPDATE refresh_tokens SET next_token = ${next} WHERE nid = ${old.nid}`);
    await writer.run(
      sql`DELETE FROM refresh_tokens WHERE user_nid = ${old.user} AND device = ${old.device} AND nid <> ${old.nid} AND nid <> ${next}`,
    );
    // The old access token lasts until its time is up or the next exchange, for what is under way with it.
    await writer.run(sql`DELETE FROM access_tokens WHERE user_nid = ${old.user} AND device = ${old.device}
      AND (refresh_token IS NULL OR (refresh_token <> ${old.nid} AND refresh_token <> ${next}))`);
  }

  /** The tokens of an exchange have arrived: what was exchanged is worth nothing any more. */
  async markUsed(writer: Writer, token: AccessToken): Promise<void> {
    await writer.run(sql`UPDATE access_tokens SET used = 1 WHERE nid = ${token.nid}`);
    if (token.refreshToken === undefined) return;
    await writer.run(
      sql`DELETE FROM refresh_tokens WHERE user_nid = ${token.user} AND next_token = ${token.refreshToken}`,
    );
  }

  async lastValidated(reader: Reader, token: number): Promise<number | undefined> {
    const row = await reader.get<{ last_validated: number | null }>(
      sql`SELECT last_validated FROM access_tokens WHERE nid = ${token}`,
    );
    return row?.last_validated ?? undefined;
  }

  async setLastValidated(writer: Writer, token: number, at: number): Promise<void> {
    await writer.run(sql`UPDATE access_tokens SET last_validated = ${at} WHERE nid = ${token}`);
  }

  async removeAccess(writer: Writer, token: number): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE nid = ${token}`);
  }

  async removeOfDevice(writer: Writer, user: UserNid, device: DeviceNid): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE user_nid = ${user} AND device = ${device}`);
    await writer.run(sql`DELETE FROM refresh_tokens WHERE user_nid = ${user} AND device = ${device}`);
  }

  async removeWithoutDevice(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE user_nid = ${user} AND device IS NULL`);
  }

  async removeOfUser(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE user_nid = ${user}`);
    await writer.run(sql`DELETE FROM refresh_tokens WHERE user_nid = ${user}`);
  }
}
