import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { Requester } from '../../http/index.ts';
import type { Accounts } from './accounts.ts';
import type { PasswordRules } from './password-policy.ts';
import type { Passwords } from './passwords.ts';
import type { SessionEnder } from './session-ender.ts';

export interface PasswordChangeParts {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly rules: PasswordRules;
  readonly sessions: SessionEnder;
  /** Whether the server's own passwords are in use (`password_config.localdb_enabled`). */
  readonly enabled: boolean;
}

/** Client-Server API §POST /account/password. */
export class PasswordChange {
  readonly #parts: PasswordChangeParts;

  constructor(parts: PasswordChangeParts) {
    this.#parts = parts;
  }

  /** Throws if the password can't be set whoever asks: before they are asked who they are. */
  check(password: string | undefined): asserts password is string {
    if (!this.#parts.enabled) throw new MatrixError('M_FORBIDDEN', 'Password change disabled');
    if (password === undefined) throw new MatrixError('M_MISSING_PARAM', 'Missing params: new_password');
    this.#parts.rules.check(password);
  }

  /** Sets the password of the one who asks; other sessions end unless they are to be kept. */
  async change(requester: Requester, password: string, logsOthersOut: boolean): Promise<void> {
    const { database, accounts, passwords, sessions } = this.#parts;
    const hash = await passwords.hash(password);
    await database.transact(async (writer) => {
      const account = await accounts.find(requester.user, writer);
      if (!account || account.deactivated)
        throw new MatrixError('M_USER_DEACTIVATED', 'This account has been deactivated');
      await accounts.setPasswordHash(writer, requester.user, hash);
      if (logsOthersOut) await sessions.allIn(writer, requester.user, requester.device);
    });
  }
}
