import { createHash } from 'node:crypto';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { UserNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import type { SessionKey } from './auth-stage.ts';

export interface AuthSession {
  readonly key: SessionKey;
  readonly operation: string;
  readonly binding: Uint8Array;
  readonly user: UserNid | undefined;
  /** What each completed stage gave, in the order of completion. */
  readonly results: ReadonlyMap<string, JsonValue>;
  readonly data: JsonObject;
}

interface SessionRow {
  session: Uint8Array;
  created_at: number;
  operation: string;
  binding: Uint8Array;
  user_nid: number | null;
  results: string;
  data: string;
}

/** How long a session can be gone on with, in milliseconds: as long as with Synapse. */
export const sessionLifetime = 48 * 3_600_000;
const mostSessions = 50_000;
const mostSessionsOfUser = 20;
/** Sessions that go at a time when there are too many. */
const batch = 100;

export type Release = (writer: Writer, sessions: readonly SessionKey[]) => Promise<void>;

/** The sessions of user-interactive authentication: they outlive a restart, and are bounded in number and age. */
export class AuthSessions {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #release: Release;
  readonly #counter: Counter;
  /** How many were added since the rows were counted: counting them each time would cost their number. */
  #addedSinceCount = batch;

  private constructor(database: Database, clock: Clock, release: Release, counter: Counter) {
    this.#database = database;
    this.#clock = clock;
    this.#release = release;
    this.#counter = counter;
  }

  static async open(database: Database, counters: Counters, clock: Clock, release: Release): Promise<AuthSessions> {
    return new AuthSessions(database, clock, release, await counters.open('auth_sessions'));
  }

  async find(key: SessionKey, reader: Reader = this.#database.reader): Promise<AuthSession | undefined> {
    const row = await reader.get<SessionRow>(
      sql`SELECT session, created_at, operation, binding, user_nid, results, data FROM auth_sessions WHERE session = ${key}`,
    );
    if (!row || row.created_at + sessionLifetime <= this.#clock.now()) return undefined;
    return {
      key: row.session,
      operation: row.operation,
      binding: row.binding,
      user: (row.user_nid ?? undefined) as UserNid | undefined,
      results: new Map(JSON.parse(row.results) as [string, JsonValue][]),
      data: JSON.parse(row.data) as JsonObject,
    };
  }

  async add(writer: Writer, session: AuthSession): Promise<void> {
    await this.#makeRoom(writer, session.user);
    await writer.run(sql`INSERT INTO auth_sessions (session, nid, created_at, operation, binding, user_nid, results, data)
      VALUES (${session.key}, ${this.#counter.take()}, ${this.#clock.now()}, ${session.operation}, ${session.binding},
        ${session.user ?? null}, ${resultsText(session.results)}, ${JSON.stringify(session.data)})`);
  }

  async update(writer: Writer, { key, results, data }: Pick<AuthSession, 'key' | 'results' | 'data'>): Promise<void> {
    await writer.run(
      sql`UPDATE auth_sessions SET results = ${resultsText(results)}, data = ${JSON.stringify(data)} WHERE session = ${key}`,
    );
  }

  /** Ends a session. Resolves to false if it was over before. */
  async end(writer: Writer, key: SessionKey): Promise<boolean> {
    const row = await writer.get(sql`SELECT session FROM auth_sessions WHERE session = ${key}`);
    if (row) await this.#remove(writer, [key]);
    return row !== undefined;
  }

  /** Drops the sessions that are too old. */
  async expire(): Promise<void> {
    const before = this.#clock.now() - sessionLifetime;
    for (;;) {
      const removed = await this.#database.transact(async (writer) => {
        const rows = await writer.all<{ session: Uint8Array }>(
          sql`SELECT session FROM auth_sessions WHERE created_at <= ${before} LIMIT ${batch}`,
        );
        await this.#remove(
          writer,
          rows.map((row) => row.session),
        );
        return rows.length;
      });
      if (removed < batch) return;
    }
  }

  async #makeRoom(writer: Writer, user: UserNid | undefined): Promise<void> {
    if (user !== undefined) {
      const own = await writer.all<{ session: Uint8Array }>(
        sql`SELECT session FROM auth_sessions WHERE user_nid = ${user} ORDER BY nid`,
      );
      const tooMany = own.length + 1 - mostSessionsOfUser;
      if (tooMany > 0)
        await this.#remove(
          writer,
          own.slice(0, tooMany).map((row) => row.session),
        );
    }
    if (++this.#addedSinceCount < batch) return;
    this.#addedSinceCount = 0;
    const count = await writer.get<{ sessions: number }>(sql`SELECT COUNT(*) AS sessions FROM auth_sessions`);
    if ((count?.sessions ?? 0) <= mostSessions - batch) return;
    // Those in which nothing has been done yet go first.
    const oldest = await writer.all<{ session: Uint8Array }>(
      sql`SELECT session FROM auth_sessions ORDER BY CASE WHEN results = '[]' THEN 0 ELSE 1 END, nid LIMIT ${batch}`,
    );
    await this.#remove(
      writer,
      oldest.map((row) => row.session),
    );
  }

  async #remove(writer: Writer, keys: readonly SessionKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#release(writer, keys);
    for (const key of keys) await writer.run(sql`DELETE FROM auth_sessions WHERE session = ${key}`);
  }
}

/** Session ids have over 140 random bits, so a plain hash keeps them safe. */
export function sessionKey(sessionId: string): SessionKey {
  return createHash('sha256').update(sessionId).digest();
}

function resultsText(results: AuthSession['results']): string {
  return JSON.stringify([...results]);
}
