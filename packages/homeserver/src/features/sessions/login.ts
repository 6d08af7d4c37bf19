import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { RateLimiter } from '../../http/index.ts';
import { userOf, type Accounts, type KnownUser, type PasswordChecker, type ServerBlock } from '../accounts/index.ts';
import { checkAccount } from './check-account.ts';
import type { NewSession, Sessions } from './sessions.ts';

export interface LoginRequest {
  readonly type: string;
  readonly identifier?: Readonly<Record<string, unknown>> | undefined;
  readonly user?: string | null | undefined;
  readonly password?: string | undefined;
  readonly device_id?: string | null | undefined;
  readonly initial_device_display_name?: string | null | undefined;
  readonly refresh_token?: boolean | undefined;
}

export interface LoginParts {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly checker: PasswordChecker;
  readonly block: ServerBlock;
  /** `password_config.enabled` */
  readonly passwordsEnabled: boolean;
  /** `rc_login.address` and `rc_login.account` */
  readonly limits: { readonly address: RateLimiter; readonly account: RateLimiter };
}

/** Logging in. Client-Server API §"Login". */
export class Login {
  readonly #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** The ways to log in that are offered. */
  flows(): { type: string }[] {
    return this.#parts.passwordsEnabled ? [{ type: 'm.login.password' }] : [];
  }

  async login(request: LoginRequest, ip: string): Promise<NewSession & KnownUser> {
    const { database, accounts, sessions, checker, block, passwordsEnabled, limits } = this.#parts;
    if (request.type !== 'm.login.password') throw new MatrixError('M_UNKNOWN', 'Unknown login type');
    limits.address.check(ip);
    if (!passwordsEnabled) throw new MatrixError('M_UNKNOWN', 'Password login has been disabled.');
    const named = userOf(request as unknown as Record<string, unknown>);
    if (named === undefined || named === '') throw new MatrixError('M_MISSING_PARAM', 'The user to log in is missing');
    if (request.password === undefined) throw new MatrixError('M_MISSING_PARAM', 'Missing JSON keys: password');
    const user = await checker.check(named, request.password);
    limits.account.check(user.userId.toLowerCase());
    const session = await database.transact(async (writer) => {
      // Read again: the account may have been closed while the password was checked.
      const account = await accounts.find(user.nid, writer);
      if (!account) throw new MatrixError('M_FORBIDDEN', 'Invalid username or password');
      if (account.deactivated) throw new MatrixError('M_USER_DEACTIVATED', 'This account has been deactivated');
      checkAccount(account, 'user-or-guest');
      block.check(account);
      return sessions.begin(writer, user.nid, {
        deviceId: request.device_id ?? undefined,
        displayName: request.initial_device_display_name ?? undefined,
        refreshable: request.refresh_token,
      });
    });
    return { ...session, ...user };
  }
}
