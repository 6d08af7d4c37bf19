import { MatrixError } from '@myelin/api';
import type { RateLimiter } from '../../http/index.ts';
import { limitExceeded } from '../../http/index.ts';
import { KeyedSlots } from '../../queues/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { Passwords } from './passwords.ts';

export interface PasswordCheckerParts {
  readonly names: Names;
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly serverName: string;
  /** `rc_login.failed_attempts` */
  readonly failedAttempts: RateLimiter;
}

export interface KnownUser {
  readonly nid: UserNid;
  readonly userId: string;
}

const mostWaitingOfUser = 20;
const longestPassword = 512;

/** Finds out whether a password is a user's, no more often than `rc_login.failed_attempts` lets one guess. */
export class PasswordChecker {
  readonly #parts: PasswordCheckerParts;
  /** One guess at a time at an account: guesses side by side would all pass the limit before the first has failed. */
  readonly #guesses = new KeyedSlots({
    atOnce: 1,
    mostWaiting: mostWaitingOfUser,
    refusal: () => limitExceeded(5_000),
  });

  constructor(parts: PasswordCheckerParts) {
    this.#parts = parts;
  }

  /**
   * `user`: a user id or a localpart. Throws M_FORBIDDEN, the same and after the same time whether there is no such
   * account or the password is wrong; M_USER_DEACTIVATED; M_LIMIT_EXCEEDED.
   */
  async check(user: string, password: string): Promise<KnownUser> {
    const userId = this.qualified(user);
    const key = userId.toLowerCase();
    return this.#guesses.run(key, async () => {
      this.#parts.failedAttempts.checkOnly(key);
      const known = await this.#verify(userId, password);
      if (known) return known;
      try {
        this.#parts.failedAttempts.check(key);
      } catch {
        // This attempt was let through; the next one won't be.
      }
      throw new MatrixError('M_FORBIDDEN', 'Invalid username or password');
    });
  }

  /** The user id that a user id or a localpart means. */
  qualified(user: string): string {
    return user.startsWith('@') ? user : `@${user}:${this.#parts.serverName}`;
  }

  async #verify(userId: string, password: string): Promise<KnownUser | undefined> {
    const { passwords, names } = this.#parts;
    const account = await this.#find(userId);
    const fits = await passwords.verify(password.slice(0, longestPassword), account?.passwordHash);
    if (account?.deactivated) throw new MatrixError('M_USER_DEACTIVATED', 'This account has been deactivated');
    return account && fits ? { nid: account.user, userId: await names.userId(account.user) } : undefined;
  }

  /** The account of that id, or the only one whose id differs in nothing but case. */
  async #find(userId: string): Promise<Account | undefined> {
    const { names, accounts } = this.#parts;
    const similar = await accounts.findIgnoringCase(userId);
    if (similar.length <= 1) return similar[0];
    const exact = await names.findUser(userId);
    return similar.find((account) => account.user === exact);
  }
}
