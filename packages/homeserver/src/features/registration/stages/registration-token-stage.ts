import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { AuthStage, SessionKey, StageContext } from '../../user-interactive-auth/index.ts';
import type { RegistrationTokens } from '../registration-tokens.ts';

/** Client-Server API §"Token-authenticated registration". Gives the token. */
export class RegistrationTokenStage implements AuthStage {
  readonly type = 'm.login.registration_token';
  readonly #tokens: RegistrationTokens;

  constructor(tokens: RegistrationTokens) {
    this.#tokens = tokens;
  }

  async complete(auth: JsonObject, { session }: StageContext): Promise<JsonValue> {
    const { token } = auth;
    if (token === undefined) throw new MatrixError('M_MISSING_PARAM', 'Missing registration token');
    if (typeof token !== 'string') throw new MatrixError('M_INVALID_PARAM', 'Registration token must be a string');
    const isValid = session ? await this.#tokens.hold(token, session) : await this.#tokens.isValid(token);
    if (!isValid) throw new MatrixError('M_UNAUTHORIZED', 'Invalid registration token');
    return token;
  }

  async release(writer: Writer, sessions: readonly SessionKey[]): Promise<void> {
    await this.#tokens.release(writer, sessions);
  }
}
