import { MatrixError, type Authentication } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Clock, Random } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { Authenticator, Requester } from '../../http/index.ts';
import type { Account, Accounts } from '../accounts/index.ts';
import type { Device, Devices } from '../devices/index.ts';
import type { DeviceNid, Names, UserNid } from '../names/index.ts';
import { Counter } from '../streams/index.ts';
import { newToken, tokenHash } from './tokens.ts';

export interface SessionLifetimes {
  /** `session_lifetime`: of access tokens without a refresh token, in milliseconds. */
  readonly session: number | undefined;
  /** `refreshable_access_token_lifetime` */
  readonly refreshableAccessToken: number | undefined;
  /** `nonrefreshable_access_token_lifetime` */
  readonly nonRefreshableAccessToken: number | undefined;
  /** `refresh_token_lifetime` */
  readonly refreshToken: number | undefined;
}

/** What a login gives. Client-Server API §POST /login. */
export interface NewSession {
  readonly accessToken: string;
  readonly deviceId: string | undefined;
  readonly refreshToken: string | undefined;
  readonly expiresInMs: number | undefined;
}

interface TokenRow {
  nid: number;
  user_nid: number;
  device: number | null;
  valid_until: number | null;
  refresh_token: number | null;
}

interface KnownToken {
  readonly nid: number;
  readonly user: UserNid;
  readonly userId: string;
  readonly device: Device | undefined;
  readonly validUntil: number | undefined;
}

/** How often a device's "last seen" is written, in milliseconds. */
const seenInterval = 120_000;

/** Access and refresh tokens, and who is behind them. Client-Server API §"Client Authentication". */
export class Sessions implements Authenticator {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #names: Names;
  readonly #accounts: Accounts;
  readonly #devices: Devices;
  readonly #lifetimes: SessionLifetimes;
  readonly #accessCounter: Counter;
  readonly #refreshCounter: Counter;
  /** By the token itself: it is in memory with every request anyway. */
  readonly #known = new LRUCache<string, KnownToken>({ max: 50_000 });
  readonly #seen = new LRUCache<DeviceNid, { at: number; ip: string }>({ max: 50_000 });
  /** Grows when tokens are revoked, so that one read before isn't cached after. */
  #revocations = 0;

  private constructor(parts: SessionParts, accessCounter: Counter, refreshCounter: Counter) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#names = parts.names;
    this.#accounts = parts.accounts;
    this.#devices = parts.devices;
    this.#lifetimes = parts.lifetimes;
    this.#accessCounter = accessCounter;
    this.#refreshCounter = refreshCounter;
  }

  static async open(parts: SessionParts): Promise<Sessions> {
    const sessions = new Sessions(parts, await Counter.open(parts.database, 'access_tokens'), await Counter.open(parts.database, 'refresh_tokens'));
    parts.devices.onDelete((writer, device) => sessions.revokeDevice(writer, device));
    return sessions;
  }

  async authenticate(accessToken: string, auth: Authentication, ip: string, userAgent: string): Promise<Requester> {
    const token = this.#known.get(accessToken) ?? (await this.#load(accessToken));
    if (!token) throw new MatrixError('M_UNKNOWN_TOKEN', 'Unrecognised access token', { details: { soft_logout: false } });
    if (token.validUntil !== undefined && token.validUntil <= this.#clock.now()) {
      throw new MatrixError('M_UNKNOWN_TOKEN', 'The access token has expired', { details: { soft_logout: true } });
    }
    const account = await this.#accounts.find(token.user);
    if (!account) throw new MatrixError('M_UNKNOWN_TOKEN', 'Unrecognised access token', { details: { soft_logout: false } });
    checkAccount(account, auth);
    if (token.device) this.#noteSeen(token.device, ip, userAgent);
    return {
      userId: token.userId,
      user: token.user,
      deviceId: token.device?.deviceId,
      device: token.device?.nid,
      token: token.nid,
      isGuest: account.isGuest,
      isAdmin: account.isAdmin,
      isExemptFromLimits: false,
    };
  }

  /** Opens a session on a device; its older tokens end. Without `device`: a token of no device. */
  async create(
    writer: Writer,
    user: UserNid,
    device: Device | undefined,
    refreshable: boolean,
    isNewDevice = false,
  ): Promise<NewSession> {
    if (device && !isNewDevice) await this.revokeDevice(writer, device);
    if (refreshable && device) return this.#createRefreshable(writer, user, device, this.#expiry(this.#lifetimes.session));
    const lifetime = this.#lifetimes.nonRefreshableAccessToken ?? this.#lifetimes.session;
    const accessToken = await this.#insertAccess(writer, user, device?.nid, this.#expiry(lifetime), undefined);
    return { accessToken, deviceId: device?.deviceId, refreshToken: undefined, expiresInMs: lifetime };
  }

  /** Exchanges a refresh token. Client-Server API §POST /refresh. Throws M_UNKNOWN_TOKEN for one that is used up or expired. */
  async refresh(refreshToken: string): Promise<NewSession> {
    return this.#database.transact(async (writer) => {
      const row = await writer.get<{ nid: number; user_nid: number; device: number; valid_until: number | null; session_valid_until: number | null; next_token: number | null }>(
        sql`SELECT * FROM refresh_tokens WHERE token_hash = ${tokenHash(refreshToken)}`,
      );
      const now = this.#clock.now();
      if (!row || (row.valid_until !== null && row.valid_until <= now) || (row.session_valid_until !== null && row.session_valid_until <= now)) {
        throw new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token is unknown or has expired', { status: row ? 403 : 401 });
      }
      const account = await this.#accounts.find(row.user_nid as UserNid, writer);
      if (!account) throw new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token is unknown or has expired');
      checkAccount(account, 'user-or-guest');
      if (row.next_token !== null) {
        // The client may not have got our answer: the old token works until the new one, or its access token, was used.
        const used = await writer.get(sql`SELECT next_token FROM refresh_tokens WHERE nid = ${row.next_token} AND next_token IS NOT NULL`);
        if (used) throw new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token was used before', { status: 403 });
        await this.#deleteRefresh(writer, row.next_token);
      }
      const device = await this.#devices.get(row.device as DeviceNid, writer);
      if (!device) throw new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token is unknown or has expired');
      const session = await this.#createRefreshable(writer, device.user, device, row.session_valid_until ?? undefined, row.nid);
      await writer.run(sql`DELETE FROM access_tokens WHERE refresh_token = ${row.nid}`);
      this.#forget(writer, device.user);
      return session;
    });
  }

  /** Ends the tokens of a device. */
  async revokeDevice(writer: Writer, device: Device): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE device = ${device.nid} AND user_nid = ${device.user}`);
    await writer.run(sql`DELETE FROM refresh_tokens WHERE device = ${device.nid} AND user_nid = ${device.user}`);
    this.#forget(writer, device.user);
  }

  /** Ends all tokens of a user, but those of `exceptDevice`. */
  async revokeUser(writer: Writer, user: UserNid, exceptDevice?: DeviceNid): Promise<void> {
    const except = exceptDevice ?? -1;
    await writer.run(sql`DELETE FROM access_tokens WHERE user_nid = ${user} AND (device IS NULL OR device <> ${except})`);
    await writer.run(sql`DELETE FROM refresh_tokens WHERE user_nid = ${user} AND device <> ${except}`);
    this.#forget(writer, user);
  }

  /** Ends one token. */
  async revokeToken(writer: Writer, user: UserNid, token: number): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE nid = ${token}`);
    this.#forget(writer, user);
  }

  async #createRefreshable(writer: Writer, user: UserNid, device: Device, sessionValidUntil: number | undefined, previous?: number): Promise<NewSession> {
    const refreshToken = newToken(this.#random, 'myr');
    const nid = this.#refreshCounter.take();
    const until = this.#expiry(this.#lifetimes.refreshToken);
    await writer.run(sql`INSERT INTO refresh_tokens (nid, token_hash, user_nid, device, valid_until, session_valid_until)
      VALUES (${nid}, ${tokenHash(refreshToken)}, ${user}, ${device.nid}, ${until ?? null}, ${sessionValidUntil ?? null})`);
    if (previous !== undefined) await writer.run(sql`UPDATE refresh_tokens SET next_token = ${nid} WHERE nid = ${previous}`);
    const lifetime = this.#lifetimes.refreshableAccessToken;
    const expiry = earliest(this.#expiry(lifetime), sessionValidUntil);
    const accessToken = await this.#insertAccess(writer, user, device.nid, expiry, nid);
    return { accessToken, deviceId: device.deviceId, refreshToken, expiresInMs: expiry === undefined ? undefined : expiry - this.#clock.now() };
  }

  async #insertAccess(writer: Writer, user: UserNid, device: DeviceNid | undefined, validUntil: number | undefined, refresh: number | undefined): Promise<string> {
    const token = newToken(this.#random, 'myt');
    await writer.run(sql`INSERT INTO access_tokens (nid, token_hash, user_nid, device, valid_until, refresh_token)
      VALUES (${this.#accessCounter.take()}, ${tokenHash(token)}, ${user}, ${device ?? null}, ${validUntil ?? null}, ${refresh ?? null})`);
    return token;
  }

  async #deleteRefresh(writer: Writer, nid: number): Promise<void> {
    await writer.run(sql`DELETE FROM access_tokens WHERE refresh_token = ${nid}`);
    await writer.run(sql`DELETE FROM refresh_tokens WHERE nid = ${nid}`);
  }

  async #load(accessToken: string, reader: Reader = this.#database.reader): Promise<KnownToken | undefined> {
    const revocations = this.#revocations;
    const row = await reader.get<TokenRow>(sql`SELECT nid, user_nid, device, valid_until, refresh_token FROM access_tokens WHERE token_hash = ${tokenHash(accessToken)}`);
    if (!row) return undefined;
    const user = row.user_nid as UserNid;
    const token: KnownToken = {
      nid: row.nid,
      user,
      userId: await this.#names.userId(user),
      device: row.device === null ? undefined : await this.#devices.get(row.device as DeviceNid, reader),
      validUntil: row.valid_until ?? undefined,
    };
    if (revocations === this.#revocations) this.#known.set(accessToken, token);
    return token;
  }

  #forget(writer: Writer, user: UserNid): void {
    writer.onDurable(() => {
      this.#revocations++;
      for (const [token, known] of this.#known.entries()) if (known.user === user) this.#known.delete(token);
    });
  }

  #noteSeen(device: Device, ip: string, userAgent: string): void {
    const now = this.#clock.now();
    const last = this.#seen.get(device.nid);
    if (last && last.ip === ip && now - last.at < seenInterval) return;
    this.#seen.set(device.nid, { at: now, ip });
    // Nobody waits for it, and if it is lost the next request tells again.
    void this.#database.transact((writer) => this.#devices.seen(writer, device.nid, now, ip, userAgent)).catch(() => {});
  }

  #expiry(lifetime: number | undefined): number | undefined {
    return lifetime === undefined ? undefined : this.#clock.now() + lifetime;
  }
}

export interface SessionParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly lifetimes: SessionLifetimes;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** Client-Server API §"Account locking", §"Account suspension", §"Guest Access". */
function checkAccount(account: Account, auth: Authentication): void {
  if (account.deactivated) throw new MatrixError('M_USER_DEACTIVATED', 'This account has been deactivated', { status: 401 });
  if (account.locked && auth !== 'user-even-locked') {
    throw new MatrixError('M_USER_LOCKED', 'This account has been locked', { details: { soft_logout: true } });
  }
  if (account.isGuest && (auth === 'user' || auth === 'admin')) throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
  if (auth === 'admin' && !account.isAdmin) throw new MatrixError('M_FORBIDDEN', 'You are not a server admin');
}
