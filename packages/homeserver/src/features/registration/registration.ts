import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { RegistrationConfig } from '../../config/index.ts';
import type { RateLimiter } from '../../http/index.ts';
import type { KnownUser, PasswordRules, Passwords, ServerBlock } from '../accounts/index.ts';
import type { UserNid } from '../names/index.ts';
import type { NewSession, Sessions } from '../sessions/index.ts';
import type { Authenticated, AuthFlow, UserInteractiveAuth } from '../user-interactive-auth/index.ts';
import type { AccountCreator, NewUser } from './account-creator.ts';
import type { GuestTokens } from './guest-tokens.ts';
import type { RegistrationTokens } from './registration-tokens.ts';
import type { UserNames } from './user-names.ts';

export interface RegistrationRequest {
  readonly auth?: Readonly<Record<string, unknown>> | null | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly device_id?: string | null | undefined;
  readonly initial_device_display_name?: string | null | undefined;
  readonly inhibit_login?: boolean | undefined;
  readonly refresh_token?: boolean | undefined;
  readonly type?: string | undefined;
  readonly guest_access_token?: string | undefined;
}

/** A new account and, unless the client didn't want one, its first session. */
export interface Registered extends KnownUser {
  readonly session: NewSession | undefined;
}

/** What is done for each new user: joining rooms. */
export interface Welcome {
  /** Wishes for it, in the transaction that makes the account. */
  wish(writer: Writer, user: UserNid, isGuest: boolean): Promise<void>;
  /** Resolves when it is done, or takes too long to wait for. Never rejects: the account is there whatever came of it. */
  done(user: UserNid): Promise<void>;
}

export interface RegistrationParts {
  readonly database: Database;
  readonly config: RegistrationConfig;
  readonly auth: UserInteractiveAuth;
  readonly flows: readonly AuthFlow[];
  readonly passwords: Passwords;
  readonly block: ServerBlock;
  readonly passwordRules: PasswordRules;
  readonly sessions: Sessions;
  readonly userNames: UserNames;
  readonly creator: AccountCreator;
  readonly tokens: RegistrationTokens;
  readonly guestTokens: GuestTokens;
  readonly welcome: Welcome;
  /** `rc_registration`, by address */
  readonly limiter: RateLimiter;
  /** How often passwords are kept for those who haven't registered yet, by address: each costs as much as a login. */
  readonly keptPasswords: RateLimiter;
  /** `user_types.default_user_type` */
  readonly defaultUserType: string | undefined;
}

/** What a session of authentication keeps of a registration: nothing that lets anybody in. */
interface Kept {
  username?: string;
  password_hash?: string;
  device_id?: string;
  initial_device_display_name?: string;
  inhibit_login?: boolean;
  refresh_token?: boolean;
  guest?: UserNid;
}

const guestDevice = 'guest_device';
const longestText = 512;

/** Making accounts. Client-Server API §"Account registration". */
export class Registration {
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  async register(request: RegistrationRequest, ip: string): Promise<Registered> {
    const { limiter, config, auth, flows } = this.#parts;
    this.#parts.block.check();
    limiter.checkOnly(ip);
    if (request.type === 'm.login.application_service')
      throw new MatrixError('M_UNRECOGNIZED', 'Application services are not served', { status: 400 });
    if (!config.enabled) throw new MatrixError('M_FORBIDDEN', 'Registration has been disabled');
    const given = await this.#given(request);
    if (request.password !== undefined) this.#parts.passwordRules.check(request.password);

    // The session is open to any parameters: clients ask for the flows before the user has chosen a name.
    const done = await auth.authenticate({
      operation: 'register',
      binding: {},
      flows,
      auth: request.auth,
      user: undefined,
      ip,
      keep: async (kept) => ({ ...kept, ...given, ...(await this.#hashFor(request, kept as Kept, ip)) }) as JsonObject,
    });
    const wanted: Kept = { ...(done.kept as Kept), ...given };
    const passwordHash =
      request.password !== undefined ? await this.#parts.passwords.hash(request.password) : wanted.password_hash;
    if (passwordHash === undefined) throw new MatrixError('M_MISSING_PARAM', 'Missing params: password');
    if (wanted.guest !== undefined && wanted.username === undefined) {
      throw new MatrixError('M_MISSING_PARAM', 'A guest who becomes a user must name the id to keep');
    }
    limiter.check(ip);
    return this.#finish(done, { ...wanted, password_hash: passwordHash });
  }

  async registerGuest(request: RegistrationRequest, ip: string): Promise<Registered> {
    const { limiter, config } = this.#parts;
    this.#parts.block.check();
    if (!config.allowGuestAccess) throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access is disabled');
    limiter.check(ip);
    return this.#create(
      { localpart: undefined, isGuest: true },
      {
        device_id: guestDevice,
        ...(typeof request.initial_device_display_name === 'string' && {
          initial_device_display_name: request.initial_device_display_name,
        }),
      },
    );
  }

  /** Makes an account on the word of the administrator: no flows, no limits. */
  registerByAdministrator(user: NewUser, session: Omit<Kept, 'username' | 'password_hash'>): Promise<Registered> {
    return this.#create(user, session);
  }

  /** Throws M_INVALID_USERNAME, M_USER_IN_USE. */
  async checkAvailable(username: string): Promise<void> {
    const { config, userNames } = this.#parts;
    if (!config.enabled) throw new MatrixError('M_FORBIDDEN', 'Registration has been disabled');
    userNames.checkForm(username);
    if (!config.inhibitUserInUseError) await userNames.checkFree(username);
  }

  /** What the request says, checked as far as that can be done at once. */
  async #given(request: RegistrationRequest): Promise<Kept> {
    const { userNames, guestTokens, config } = this.#parts;
    const guest =
      request.guest_access_token === undefined ? undefined : await guestTokens.owner(request.guest_access_token);
    const username = request.username?.slice(0, longestText).toLowerCase();
    if (username !== undefined) {
      userNames.checkForm(username, guest !== undefined);
      if (!config.inhibitUserInUseError || guest !== undefined) await userNames.checkFree(username, guest);
    }
    return {
      ...(username !== undefined && { username }),
      ...(typeof request.device_id === 'string' && { device_id: request.device_id.slice(0, longestText + 1) }),
      ...(typeof request.initial_device_display_name === 'string' && {
        initial_device_display_name: request.initial_device_display_name.slice(0, longestText),
      }),
      ...(request.inhibit_login !== undefined && { inhibit_login: request.inhibit_login }),
      ...(request.refresh_token !== undefined && { refresh_token: request.refresh_token }),
      ...(guest !== undefined && { guest }),
    };
  }

  /** Clients should repeat the password with each request; for those that don't the first is kept, if that isn't too much work. */
  async #hashFor(request: RegistrationRequest, kept: Kept, ip: string): Promise<Kept> {
    if (request.password === undefined || kept.password_hash !== undefined) return {};
    try {
      this.#parts.keptPasswords.check(ip);
    } catch {
      return {};
    }
    return { password_hash: await this.#parts.passwords.hash(request.password) };
  }

  #finish(done: Authenticated, wanted: Kept): Promise<Registered> {
    const token = done.results.get('m.login.registration_token');
    const terms = done.results.get('m.login.terms');
    const user: NewUser = {
      localpart: wanted.username,
      passwordHash: wanted.password_hash,
      consentVersion: typeof terms === 'string' ? terms : undefined,
      guest: wanted.guest,
      userType: this.#parts.defaultUserType,
    };
    return this.#create(user, wanted, async (writer) => {
      if (typeof token === 'string') await this.#parts.tokens.use(writer, token, done.session);
      await this.#parts.auth.finish(writer, done);
    });
  }

  async #create(
    user: NewUser,
    wanted: Kept,
    also: (writer: Writer) => Promise<void> = async () => {},
  ): Promise<Registered> {
    const { database, creator, sessions, welcome } = this.#parts;
    const registered = await database.transact(async (writer) => {
      const known = await creator.createIn(writer, user);
      await also(writer);
      await welcome.wish(writer, known.nid, user.isGuest ?? false);
      // A guest's tokens were made for a guest.
      if (user.guest !== undefined) await sessions.revokeUser(writer, known.nid);
      const session = wanted.inhibit_login
        ? undefined
        : await sessions.begin(writer, known.nid, {
            deviceId: wanted.device_id,
            displayName: wanted.initial_device_display_name,
            refreshable: wanted.refresh_token,
          });
      return { ...known, session };
    });
    await welcome.done(registered.nid);
    return registered;
  }
}
