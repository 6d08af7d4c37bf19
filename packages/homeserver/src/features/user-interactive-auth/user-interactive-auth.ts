import { createHmac, timingSafeEqual } from 'node:crypto';
import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { canonicalJson, type JsonObject, type JsonValue } from '@myelin/protocol';
import { randomString, type Cancellable, type Clock, type Random, type Timers } from '@myelin/runtime';
import type { Counters } from '../counters/index.ts';
import type { AuthFlow, AuthStage, SessionKey, StageContext } from './auth-stage.ts';
import { AuthSessions, sessionKey, type AuthSession } from './auth-sessions.ts';
import { AuthenticationRefused, AuthenticationRequired } from './authentication-required.ts';

export interface UserInteractiveAuthParts {
  readonly database: Database;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
}

/** A call of an operation that asks for user-interactive authentication. */
export interface AuthRequest {
  /** What is to be done: the endpoint's id, and the path parameters that matter. */
  readonly operation: string;
  /** Parameters that may not change between the stages. They aren't stored, so that passwords may be among them. */
  readonly binding: JsonValue;
  readonly flows: readonly AuthFlow[];
  /** The request's `auth` member. */
  readonly auth: Readonly<Record<string, unknown>> | null | undefined;
  readonly user: StageContext['user'];
  readonly ip: string;
  /** Puts together what the session keeps until all is complete, from what it has kept so far. Never secrets. */
  readonly keep?: (kept: JsonObject) => Promise<JsonObject>;
}

/** A flow is complete: the operation may go ahead. */
export interface Authenticated {
  /** To be ended in the operation's transaction; undefined if there is none. */
  readonly session: SessionKey | undefined;
  /** What each stage gave. */
  readonly results: ReadonlyMap<string, JsonValue>;
  /** What the session has kept. */
  readonly kept: JsonObject;
}

const idLength = 24;
const sweepInterval = 3_600_000;

/**
 * User-interactive authentication: an operation goes ahead once the stages of one of its flows are complete, in order.
 * A session belongs to one operation with its parameters and to one user, and ends with it. Client-Server API
 * §"User-Interactive Authentication API".
 */
export class UserInteractiveAuth {
  readonly #parts: UserInteractiveAuthParts;
  readonly #sessions: AuthSessions;
  readonly #stages: Map<string, AuthStage>;
  readonly #sweeper: Cancellable;

  private constructor(parts: UserInteractiveAuthParts, sessions: AuthSessions, stages: Map<string, AuthStage>) {
    this.#parts = parts;
    this.#sessions = sessions;
    this.#stages = stages;
    this.#sweeper = parts.timers.every(sweepInterval, () => void this.expire().catch(() => {}));
  }

  static async open(parts: UserInteractiveAuthParts): Promise<UserInteractiveAuth> {
    const stages = new Map<string, AuthStage>();
    const sessions = await AuthSessions.open(parts.database, parts.counters, parts.clock, async (writer, keys) => {
      for (const stage of stages.values()) await stage.release?.(writer, keys);
    });
    return new UserInteractiveAuth(parts, sessions, stages);
  }

  addStage(stage: AuthStage): void {
    this.#stages.set(stage.type, stage);
  }

  /** Resolves once a flow is complete; until then throws AuthenticationRequired with what is still to do. */
  async authenticate(request: AuthRequest): Promise<Authenticated> {
    const auth = (request.auth ?? {}) as JsonObject;
    const type = typeof auth['type'] === 'string' ? auth['type'] : undefined;
    let sessionId = typeof auth['session'] === 'string' ? auth['session'] : undefined;
    let session = sessionId === undefined ? undefined : await this.#open(sessionId, request);
    if (session && isComplete(request.flows, session.results)) return completed(session);

    // One stage that is all there is to do leaves nothing to keep.
    const atOnce = type !== undefined && request.flows.some((flow) => flow.length === 1 && flow[0] === type);
    if (!session && !atOnce) ({ sessionId, session } = await this.#create(request));

    let problem: MatrixError | undefined;
    let results = session?.results ?? new Map<string, JsonValue>();
    if (type !== undefined && !results.has(type)) {
      try {
        const result = await this.#try(type, auth, request, session, results);
        if (!session) return { session: undefined, results: new Map([[type, result]]), kept: {} };
        session = await this.#addResult(session, type, result);
        results = session.results;
      } catch (error) {
        if (!mayBeTriedAgain(error)) throw error;
        problem = error;
      }
    }
    if (session && isComplete(request.flows, results)) return completed(session);
    if (!session || sessionId === undefined) ({ sessionId, session } = await this.#create(request));
    else await this.#keep(session, request);
    throw new AuthenticationRequired({
      session: sessionId,
      flows: request.flows,
      params: this.#params(request.flows),
      completed: [...results.keys()],
      problem,
    });
  }

  /** What the session of an unfinished operation has kept so far; empty if there is none. */
  async kept(request: Pick<AuthRequest, 'auth' | 'operation' | 'user'>): Promise<JsonObject> {
    const sessionId = request.auth?.['session'];
    if (typeof sessionId !== 'string') return {};
    const session = await this.#sessions.find(sessionKey(sessionId));
    return session && session.operation === request.operation && session.user === request.user?.nid ? session.data : {};
  }

  /** Marks a stage that was completed on a page or by a link. Resolves to false if there is no such session (any more). */
  async completeElsewhere(sessionId: string, type: string, result: JsonValue): Promise<boolean> {
    const session = await this.#sessions.find(sessionKey(sessionId));
    if (!session) return false;
    await this.#addResult(session, type, result);
    return true;
  }

  /** Ends a session, for the operation's own transaction. Throws if it was used meanwhile: an operation is done once. */
  async finish(writer: Writer, { session }: Authenticated): Promise<void> {
    if (session && !(await this.#sessions.end(writer, session))) throw unknownSession();
  }

  /** `finish` for operations that don't go on in one transaction. */
  async finishNow(authenticated: Authenticated): Promise<void> {
    if (authenticated.session) await this.#parts.database.transact((writer) => this.finish(writer, authenticated));
  }

  /** Drops sessions that are too old. */
  expire(): Promise<void> {
    return this.#sessions.expire();
  }

  stop(): void {
    this.#sweeper.cancel();
  }

  async #open(sessionId: string, request: AuthRequest): Promise<AuthSession> {
    const session = await this.#sessions.find(sessionKey(sessionId));
    if (!session) throw unknownSession();
    const same =
      session.operation === request.operation &&
      session.user === request.user?.nid &&
      timingSafeEqual(session.binding, bindingOf(sessionId, request.binding));
    if (!same)
      throw new MatrixError('M_FORBIDDEN', 'The requested operation has changed during the authentication session');
    return session;
  }

  async #create(request: AuthRequest): Promise<{ sessionId: string; session: AuthSession }> {
    const sessionId = randomString(this.#parts.random, idLength);
    const session: AuthSession = {
      key: sessionKey(sessionId),
      operation: request.operation,
      binding: bindingOf(sessionId, request.binding),
      user: request.user?.nid,
      results: new Map(),
      data: (await request.keep?.({})) ?? {},
    };
    await this.#parts.database.transact((writer) => this.#sessions.add(writer, session));
    return { sessionId, session };
  }

  /** Completes a stage that may come next in one of the flows. */
  async #try(
    type: string,
    auth: JsonObject,
    request: AuthRequest,
    session: AuthSession | undefined,
    results: AuthSession['results'],
  ): Promise<JsonValue> {
    const stage = this.#stages.get(type);
    if (!stage || !request.flows.some((flow) => flow.includes(type))) {
      throw new MatrixError('M_UNRECOGNIZED', 'This stage is not part of the authentication');
    }
    const isNext = request.flows.some(
      (flow) => flow.slice(0, flow.indexOf(type)).every((before) => results.has(before)) && flow.includes(type),
    );
    if (!isNext) throw new MatrixError('M_FORBIDDEN', 'Another stage must be completed before this one');
    return stage.complete(auth, { session: session?.key, user: request.user, ip: request.ip });
  }

  async #addResult(session: AuthSession, type: string, result: JsonValue): Promise<AuthSession> {
    return this.#parts.database.transact(async (writer) => {
      const current = await this.#sessions.find(session.key, writer);
      if (!current) throw unknownSession();
      const results = new Map(current.results);
      if (!results.has(type)) results.set(type, result);
      await this.#sessions.update(writer, { ...current, results });
      return { ...current, results };
    });
  }

  async #keep(session: AuthSession, request: AuthRequest): Promise<void> {
    if (!request.keep) return;
    const data = await request.keep(session.data);
    if (JSON.stringify(data) === JSON.stringify(session.data)) return;
    await this.#parts.database.transact(async (writer) => {
      const current = await this.#sessions.find(session.key, writer);
      if (current) await this.#sessions.update(writer, { ...current, data });
    });
  }

  #params(flows: readonly AuthFlow[]): JsonObject {
    const params: JsonObject = {};
    for (const type of new Set(flows.flat())) {
      const own = this.#stages.get(type)?.parameters?.();
      if (own) params[type] = own;
    }
    return params;
  }
}

function isComplete(flows: readonly AuthFlow[], results: ReadonlyMap<string, JsonValue>): boolean {
  return flows.some((flow) => flow.every((type) => results.has(type)));
}

function completed(session: AuthSession): Authenticated {
  return { session: session.key, results: session.results, kept: session.data };
}

function unknownSession(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'The authentication session is unknown or over');
}

/** A wrong answer can be mended; being too fast, or a fault of ours, can't. */
function mayBeTriedAgain(error: unknown): error is MatrixError {
  return (
    error instanceof MatrixError &&
    !(error instanceof AuthenticationRefused) &&
    error.code !== 'M_LIMIT_EXCEEDED' &&
    error.status < 500
  );
}

/** Keyed by the session's secret: who reads the table can't guess passwords from it. */
function bindingOf(sessionId: string, binding: JsonValue): Uint8Array {
  let text: string;
  try {
    text = canonicalJson(binding);
  } catch {
    throw new MatrixError('M_BAD_JSON', 'The request holds numbers or text that JSON in Matrix may not');
  }
  return createHmac('sha256', sessionId).update(text).digest();
}
