import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import type { Accounts, KnownUser } from '../accounts/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { Profiles } from '../profiles/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import type { UserNames } from './user-names.ts';

export interface NewUser {
  /** Undefined: a number is given. */
  readonly localpart: string | undefined;
  readonly passwordHash?: string | undefined;
  /** Undefined: the localpart. */
  readonly displayName?: string | undefined;
  readonly isGuest?: boolean | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly userType?: string | undefined;
  readonly consentVersion?: string | undefined;
  /** The guest who gets this account in place of theirs. */
  readonly guest?: UserNid | undefined;
}

export interface AccountCreatorParts {
  readonly database: Database;
  readonly counters: Counters;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  /** Where people are found; told of those who have no name. Implemented by `features/user-directory`. */
  readonly directory: { refresh(writer: Writer, user: UserNid): Promise<void> };
  readonly userNames: UserNames;
}

const mostTries = 10;

/** Makes accounts with what belongs to them. */
export class AccountCreator {
  readonly #parts: AccountCreatorParts;
  readonly #numbers: Counter;

  private constructor(parts: AccountCreatorParts, numbers: Counter) {
    this.#parts = parts;
    this.#numbers = numbers;
  }

  static async open(parts: AccountCreatorParts): Promise<AccountCreator> {
    return new AccountCreator(parts, await parts.counters.open('numeric_user_names'));
  }

  /** Throws M_INVALID_USERNAME, M_USER_IN_USE. */
  async createIn(writer: Writer, user: NewUser): Promise<KnownUser> {
    if (user.localpart !== undefined) return this.#createNamed(writer, user, user.localpart);
    for (let tries = 0; tries < mostTries; tries++) {
      const localpart = String(this.#numbers.take());
      if ((await this.#parts.accounts.findIgnoringCase(this.#parts.userNames.userId(localpart), writer)).length > 0)
        continue;
      return this.#insert(writer, user, localpart);
    }
    throw new MatrixError('M_UNKNOWN', 'No user name could be found', { status: 500 });
  }

  async #createNamed(writer: Writer, user: NewUser, localpart: string): Promise<KnownUser> {
    const { accounts, userNames } = this.#parts;
    userNames.checkForm(localpart, user.guest !== undefined);
    await userNames.checkFree(localpart, user.guest, writer);
    const userId = userNames.userId(localpart);
    const existing = user.guest && (await accounts.findIgnoringCase(userId, writer));
    if (!existing || existing.length === 0) return this.#insert(writer, user, localpart);
    const nid = user.guest as UserNid;
    await accounts.setPasswordHash(writer, nid, user.passwordHash);
    await accounts.setFlags(writer, nid, { isGuest: false });
    return { nid, userId };
  }

  async #insert(writer: Writer, user: NewUser, localpart: string): Promise<KnownUser> {
    const { names, accounts, profiles, directory, userNames } = this.#parts;
    const userId = userNames.userId(localpart);
    const nid = await names.user(writer, userId);
    if (!(await accounts.create(writer, nid, userId, user)))
      throw new MatrixError('M_USER_IN_USE', 'User ID already taken.');
    const displayName = user.displayName ?? localpart;
    if (displayName !== '') await profiles.set(writer, nid, 'displayname', displayName);
    else await directory.refresh(writer, nid);
    return { nid, userId };
  }
}
