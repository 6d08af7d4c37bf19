import { MatrixError } from '@myelin/api';
import type { Authenticator } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';

/** Finds out which guest wants to become a user. Client-Server API §POST /register, `guest_access_token`. */
export class GuestTokens {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator;
  }

  /** Throws M_UNKNOWN_TOKEN, or M_FORBIDDEN if its owner is no guest. */
  async owner(accessToken: string): Promise<UserNid> {
    const requester = await this.#authenticator.authenticate(accessToken, 'user-or-guest', '', '');
    if (!requester.isGuest) throw new MatrixError('M_FORBIDDEN', 'That is not the access token of a guest');
    return requester.user;
  }
}
