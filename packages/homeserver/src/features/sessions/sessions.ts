import { MatrixError, type Authentication } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { Authenticator, Requester } from '../../http/index.ts';
import type { Account, Accounts, ServerBlock } from '../accounts/index.ts';
import type { Device, Devices, LastSeen } from '../devices/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { Counters } from '../counters/index.ts';
import type { Validations } from '../user-interactive-auth/index.ts';
import { checkAccount } from './check-account.ts';
import { KnownTokens, type KnownToken } from './known-tokens.ts';
import { TokenStore } from './token-store.ts';

export interface SessionLifetimes {
  /** `session_lifetime`: of access tokens without a refresh token, in milliseconds. */
  readonly session: number | undefined;
  /** `refreshable_access_token_lifetime`; undefined: nobody gets refresh tokens. */
  readonly refreshableAccessToken: number | undefined;
  /** `nonrefreshable_access_token_lifetime` */
  readonly nonRefreshableAccessToken: number | undefined;
  /** `refresh_token_lifetime` */
  readonly refreshToken: number | undefined;
}

/** What a login gives. Client-Server API §POST /login. */
export interface NewSession {
  readonly accessToken: string;
  readonly deviceId: string;
  readonly refreshToken: string | undefined;
  readonly expiresInMs: number | undefined;
}

export interface SessionRequest {
  /** One is made up if it isn't given. */
  readonly deviceId?: string | undefined;
  /** Of a device that is new. */
  readonly displayName?: string | undefined;
  /** Whether the client can refresh tokens. */
  readonly refreshable?: boolean | undefined;
}

/** Whether users have agreed to the terms of the server. Implemented by `features/consent`. */
export interface ConsentCheck {
  /** Undefined: they have, or needn't. */
  refusal(userId: string, account: Account): (() => MatrixError) | undefined;
}

export interface SessionParts {
  readonly database: Database;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly random: Random;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly lastSeen: LastSeen;
  readonly block: ServerBlock;
  /** Undefined: there are no terms that must be agreed to. */
  readonly consent?: ConsentCheck | undefined;
  readonly lifetimes: SessionLifetimes;
}

const deviceIdLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const deviceIdLength = 10;

/** Access and refresh tokens, and who is behind them. Client-Server API §"Client Authentication". */
export class Sessions implements Authenticator, Validations {
  readonly #parts: SessionParts;
  readonly #store: TokenStore;
  readonly #known = new KnownTokens();

  private constructor(parts: SessionParts, store: TokenStore) {
    this.#parts = parts;
    this.#store = store;
  }

  static async open(parts: SessionParts): Promise<Sessions> {
    const sessions = new Sessions(parts, await TokenStore.open(parts.counters, parts.random));
    parts.devices.onDelete((writer, device) => sessions.revokeDevice(writer, device));
    return sessions;
  }

  async authenticate(accessToken: string, auth: Authentication, ip: string, userAgent: string): Promise<Requester> {
    const token = this.#known.get(accessToken) ?? (await this.#load(accessToken));
    if (!token)
      throw new MatrixError('M_UNKNOWN_TOKEN', 'Unrecognised access token', { details: { soft_logout: false } });
    const now = this.#parts.clock.now();
    if (token.validUntil !== undefined && token.validUntil <= now) {
      throw new MatrixError('M_UNKNOWN_TOKEN', 'The access token has expired', { details: { soft_logout: true } });
    }
    const account = await this.#parts.accounts.find(token.user);
    if (!account)
      throw new MatrixError('M_UNKNOWN_TOKEN', 'Unrecognised access token', { details: { soft_logout: false } });
    checkAccount(account, auth);
    // Logging out is always possible.
    if (auth !== 'user-even-locked') this.#parts.block.check(account);
    if (token.device) this.#parts.lastSeen.note(token.device.nid, now, ip, userAgent);
    return {
      userId: token.userId,
      user: token.user,
      deviceId: token.device?.deviceId,
      device: token.device?.nid,
      token: token.nid,
      isGuest: account.isGuest,
      isAdmin: account.isAdmin,
      isSuspended: account.suspended,
      consentRefusal: this.#parts.consent?.refusal(token.userId, account),
      isExemptFromLimits: false,
    };
  }

  /** Opens a session on a device, new or known; the tokens that a known one had end. */
  async begin(writer: Writer, user: UserNid, request: SessionRequest): Promise<NewSession> {
    const { devices, random, lifetimes } = this.#parts;
    const now = this.#parts.clock.now();
    const deviceId = request.deviceId ?? randomString(random, deviceIdLength, deviceIdLetters);
    const { device, isNew } = await devices.ensure(writer, user, deviceId, request.displayName);
    if (!isNew) await this.revokeDevice(writer, device);
    const sessionValidUntil = after(now, lifetimes.session);
    if (request.refreshable && lifetimes.refreshableAccessToken !== undefined) {
      return this.#addRefreshable(writer, now, device, sessionValidUntil, now);
    }
    const validUntil = earliest(after(now, lifetimes.nonRefreshableAccessToken), sessionValidUntil);
    const accessToken = await this.#store.addAccess(writer, {
      user,
      device: device.nid,
      validUntil,
      refreshToken: undefined,
      lastValidated: now,
    });
    return { accessToken, deviceId, refreshToken: undefined, expiresInMs: validUntil && validUntil - now };
  }

  /** Exchanges a refresh token. Client-Server API §POST /refresh. Throws M_UNKNOWN_TOKEN for one that is used up or expired. */
  async refresh(refreshToken: string): Promise<NewSession> {
    return this.#parts.database.transact(async (writer) => {
      const now = this.#parts.clock.now();
      const old = await this.#store.findRefresh(writer, refreshToken);
      const account = old && (await this.#parts.accounts.find(old.user, writer));
      const device = old && (await this.#parts.devices.get(old.device, writer));
      if (!old || !account || !device) {
        throw new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token is unknown or was used before', {
          details: { soft_logout: false },
        });
      }
      checkAccount(account, 'user-or-guest');
      const validUntil = earliest(old.validUntil, old.sessionValidUntil);
      if (validUntil !== undefined && validUntil <= now) {
        throw new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token has expired', { details: { soft_logout: true } });
      }
      // The client may not have got our last answer: what it was given then is replaced, as nobody has used it.
      const session = await this.#addRefreshable(writer, now, device, old.sessionValidUntil, undefined, (next) =>
        this.#store.exchange(writer, old, next),
      );
      this.#forget(writer, old.user);
      return session;
    });
  }

  /** Ends the tokens of a device. */
  async revokeDevice(writer: Writer, device: Device): Promise<void> {
    await this.#store.removeOfDevice(writer, device.user, device.nid);
    this.#forget(writer, device.user);
  }

  /** Ends one token, which has no device. */
  async revokeToken(writer: Writer, user: UserNid, token: number): Promise<void> {
    await this.#store.removeAccess(writer, token);
    this.#forget(writer, user);
  }

  /** Ends all tokens of a user. */
  async revokeUser(writer: Writer, user: UserNid): Promise<void> {
    await this.#store.removeOfUser(writer, user);
    this.#forget(writer, user);
  }

  /** Ends the tokens of a user that have no device. */
  async revokeWithoutDevice(writer: Writer, user: UserNid): Promise<void> {
    await this.#store.removeWithoutDevice(writer, user);
    this.#forget(writer, user);
  }

  lastValidated(token: number): Promise<number | undefined> {
    return this.#store.lastValidated(this.#parts.database.reader, token);
  }

  async noteValidated(token: number): Promise<void> {
    await this.#parts.database.transact((writer) =>
      this.#store.setLastValidated(writer, token, this.#parts.clock.now()),
    );
  }

  async #addRefreshable(
    writer: Writer,
    now: number,
    device: Device,
    sessionValidUntil: number | undefined,
    lastValidated: number | undefined,
    added: (refreshToken: number) => Promise<void> = async () => {},
  ): Promise<NewSession> {
    const { lifetimes } = this.#parts;
    const { user } = device;
    const until = earliest(after(now, lifetimes.refreshToken), sessionValidUntil);
    const refresh = await this.#store.addRefresh(writer, {
      user,
      device: device.nid,
      validUntil: until,
      sessionValidUntil,
    });
    await added(refresh.nid);
    const validUntil = earliest(after(now, lifetimes.refreshableAccessToken), sessionValidUntil);
    const accessToken = await this.#store.addAccess(writer, {
      user,
      device: device.nid,
      validUntil,
      refreshToken: refresh.nid,
      lastValidated,
    });
    return {
      accessToken,
      deviceId: device.deviceId,
      refreshToken: refresh.text,
      expiresInMs: validUntil && validUntil - now,
    };
  }

  async #load(accessToken: string): Promise<KnownToken | undefined> {
    const { database, names, devices } = this.#parts;
    const readAt = this.#known.revocations;
    const row = await this.#store.findAccess(database.reader, accessToken);
    if (!row) return undefined;
    const device = row.device === undefined ? undefined : await devices.get(row.device);
    const token: KnownToken = {
      nid: row.nid,
      user: row.user,
      userId: await names.userId(row.user),
      device: device && { nid: device.nid, deviceId: device.deviceId },
      validUntil: row.validUntil,
    };
    // That it is used tells that the exchange has arrived: durable before it has any effect.
    if (!row.used && row.refreshToken !== undefined)
      await database.transact((writer) => this.#store.markUsed(writer, row));
    this.#known.add(accessToken, token, readAt);
    return token;
  }

  #forget(writer: Writer, user: UserNid): void {
    writer.onDurable(() => this.#known.forgetUser(user));
  }
}

function after(now: number, lifetime: number | undefined): number | undefined {
  return lifetime === undefined ? undefined : now + lifetime;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
