import { MatrixError } from '@myelin/api';
import type { Account } from './account.ts';

/** Keeps everybody but administrators and support users out while the administrator wants it so (`hs_disabled`). */
export class ServerBlock {
  readonly #message: string | undefined;
  readonly #adminContact: string | undefined;

  /** `message` undefined: the server is open. */
  constructor(message: string | undefined, adminContact: string | undefined) {
    this.#message = message;
    this.#adminContact = adminContact;
  }

  /** Throws M_RESOURCE_LIMIT_EXCEEDED; `account` undefined: somebody who has none yet. */
  check(account?: Pick<Account, 'isAdmin' | 'userType'>): void {
    if (this.#message === undefined || account?.isAdmin || account?.userType === 'support') return;
    const details = { limit_type: 'hs_disabled', ...(this.#adminContact && { admin_contact: this.#adminContact }) };
    throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', this.#message, { details });
  }
}
