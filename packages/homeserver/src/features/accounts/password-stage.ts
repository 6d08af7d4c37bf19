import { MatrixError } from '@myelin/api';
import { isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import { AuthenticationRefused, type AuthStage, type StageContext } from '../user-interactive-auth/index.ts';
import type { PasswordChecker } from './password-checker.ts';

/** The password of the one who asks. Client-Server API §"Password-based". Gives their user id. */
export class PasswordStage implements AuthStage {
  readonly type = 'm.login.password';
  readonly #checker: PasswordChecker;

  constructor(checker: PasswordChecker) {
    this.#checker = checker;
  }

  async complete(auth: JsonObject, { user }: StageContext): Promise<JsonValue> {
    const { password } = auth;
    const named = userOf(auth) ?? user?.userId;
    if (typeof password !== 'string' || named === undefined)
      throw new MatrixError('M_MISSING_PARAM', 'A user identifier and a password are needed');
    // Nobody learns here whether a password is another's.
    if (user && this.#checker.qualified(named).toLowerCase() !== user.userId.toLowerCase())
      throw new AuthenticationRefused();
    const { userId } = await this.#checker.check(user?.userId ?? named, password);
    return userId;
  }
}

/** `identifier`, or `user` as older clients send it. */
export function userOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const { identifier, user } = body;
  if (identifier !== undefined && identifier !== null) {
    if (!isJsonObject(identifier)) throw new MatrixError('M_INVALID_PARAM', 'identifier must be an object');
    if (identifier['type'] !== 'm.id.user') throw new MatrixError('M_UNKNOWN', 'Unknown login identifier type');
    return typeof identifier['user'] === 'string' ? identifier['user'] : undefined;
  }
  return typeof user === 'string' ? user : undefined;
}
