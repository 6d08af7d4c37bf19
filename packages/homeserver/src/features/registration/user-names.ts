import { MatrixError } from '@myelin/api';
import type { Reader } from '@myelin/database';
import { isLocalpartForNewUser, isUserIdForNewUser } from '@myelin/protocol';
import type { Accounts } from '../accounts/index.ts';
import type { UserNid } from '../names/index.ts';

export interface UserNameParts {
  readonly accounts: Accounts;
  readonly serverName: string;
  /** `allow_underscore_prefixed_localpart` */
  readonly allowUnderscore: boolean;
  /** Of the user in whose name the server speaks. */
  readonly reserved?: string | undefined;
}

/** Which user names new accounts may have. Appendices §"User Identifiers"; the rest as Synapse has it. */
export class UserNames {
  readonly #parts: UserNameParts;

  constructor(parts: UserNameParts) {
    this.#parts = parts;
  }

  userId(localpart: string): string {
    return `@${localpart}:${this.#parts.serverName}`;
  }

  /** Throws M_INVALID_USERNAME for a name that nobody may have. Names in digits are for guests and those without a name. */
  checkForm(localpart: string, isUpgrade = false): void {
    if (localpart === this.#parts.reserved) throw new MatrixError('M_EXCLUSIVE', 'This user ID is reserved.');
    if (localpart === '') throw invalid('User ID cannot be empty');
    if (!isLocalpartForNewUser(localpart)) throw invalid("User ID can only contain characters a-z, 0-9, or '=_-./+'");
    if (localpart.startsWith('_') && !this.#parts.allowUnderscore) throw invalid('User ID may not begin with _');
    if (!isUserIdForNewUser(localpart, this.#parts.serverName))
      throw invalid('User ID may not be longer than 255 characters');
    if (!isUpgrade && /^\d+$/.test(localpart)) throw invalid('Numeric user IDs are reserved for guest users.');
  }

  /** Throws M_USER_IN_USE if somebody has, or had, the name in any case; `guest` keeps theirs, and gets no other. */
  async checkFree(localpart: string, guest?: UserNid, reader?: Reader): Promise<void> {
    const taken = await this.#parts.accounts.findIgnoringCase(this.userId(localpart), reader);
    if (guest === undefined) {
      if (taken.length > 0) throw new MatrixError('M_USER_IN_USE', 'User ID already taken.');
    } else if (taken.length === 0 || !taken.every((account) => account.user === guest && account.isGuest)) {
      throw new MatrixError(
        'M_FORBIDDEN',
        'Cannot register taken user ID without valid guest credentials for that user.',
      );
    }
  }
}

function invalid(message: string): MatrixError {
  return new MatrixError('M_INVALID_USERNAME', message);
}
