import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import type { SessionKey } from '../user-interactive-auth/index.ts';

interface TokenRow {
  uses_allowed: number | null;
  completed: number;
  expiry_time: number | null;
  pending: number;
}

const longestToken = 64;

/** Tokens that administrators make so that their owners may register. Client-Server API §"Token-authenticated registration". */
export class RegistrationTokens {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Whether somebody could register with it now. */
  async isValid(token: string, reader: Reader = this.#database.reader): Promise<boolean> {
    if (!isWellFormed(token)) return false;
    const row = await reader.get<TokenRow>(sql`SELECT uses_allowed, completed, expiry_time,
      (SELECT COUNT(*) FROM registration_token_holds h WHERE h.token = t.token) AS pending
      FROM registration_tokens t WHERE t.token = ${token}`);
    if (!row || (row.expiry_time !== null && row.expiry_time <= this.#clock.now())) return false;
    return row.uses_allowed === null || row.completed + row.pending < row.uses_allowed;
  }

  /** Keeps a use of the token for a session, so that nobody else takes it before the session is through. */
  async hold(token: string, session: SessionKey): Promise<boolean> {
    return this.#database.transact(async (writer) => {
      await this.#touch(writer, token);
      const held = await writer.get<{ token: string }>(
        sql`SELECT token FROM registration_token_holds WHERE session = ${session}`,
      );
      if (held) return held.token === token;
      if (!(await this.isValid(token, writer))) return false;
      await writer.run(sql`INSERT INTO registration_token_holds (session, token) VALUES (${session}, ${token})`);
      return true;
    });
  }

  async release(writer: Writer, sessions: readonly SessionKey[]): Promise<void> {
    for (const session of sessions)
      await writer.run(sql`DELETE FROM registration_token_holds WHERE session = ${session}`);
  }

  /** Counts a use, in the transaction that registers. What a session held for it becomes that use. */
  async use(writer: Writer, token: string, session: SessionKey | undefined): Promise<void> {
    await this.#touch(writer, token);
    const held =
      session &&
      (await writer.get(
        sql`SELECT token FROM registration_token_holds WHERE session = ${session} AND token = ${token}`,
      ));
    if (!held && !(await this.isValid(token, writer)))
      throw new MatrixError('M_UNAUTHORIZED', 'Invalid registration token');
    if (session) await this.release(writer, [session]);
    await writer.run(sql`UPDATE registration_tokens SET completed = completed + 1 WHERE token = ${token}`);
  }

  /** Makes a token. Resolves to false if there is one of that text. */
  async add(
    writer: Writer,
    token: string,
    usesAllowed: number | undefined,
    expiryTime: number | undefined,
  ): Promise<boolean> {
    if (!isWellFormed(token))
      throw new MatrixError('M_INVALID_PARAM', 'A registration token has 1 to 64 letters, digits or ._~-');
    const added = await writer.run(sql`INSERT INTO registration_tokens (token, uses_allowed, completed, expiry_time)
      VALUES (${token}, ${usesAllowed ?? null}, 0, ${expiryTime ?? null}) ON CONFLICT (token) DO NOTHING`);
    return added === 1;
  }

  /** Lets those who count uses of one token at the same time meet at its row, so that only one of them goes through. */
  async #touch(writer: Writer, token: string): Promise<void> {
    await writer.run(sql`UPDATE registration_tokens SET completed = completed WHERE token = ${token}`);
  }
}

function isWellFormed(token: string): boolean {
  return token.length <= longestToken && /^[A-Za-z0-9._~-]+$/.test(token);
}
