import type { JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Requester } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';
import type { AuthFlow } from './auth-stage.ts';
import { AuthenticationRefused } from './authentication-required.ts';
import type { UserInteractiveAuth } from './user-interactive-auth.ts';

/** When the owner of an access token last proved who they are. Implemented by `features/sessions`. */
export interface Validations {
  /** Milliseconds since 1970; undefined: never. */
  lastValidated(token: number): Promise<number | undefined>;
  noteValidated(token: number): Promise<void>;
}

/** The ways in which a user can prove who they are (a password, single sign-on). */
export type ReauthenticationFlows = (user: UserNid) => Promise<readonly AuthFlow[]>;

export interface ReauthenticationRequest {
  /** The endpoint's id, and the path parameters that matter: one session is for one of them. */
  readonly operation: string;
  /** The request's body; `auth` is taken out of it, the rest may not change between the stages. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly ip: string;
  /** Whether having proved it lately is enough (`ui_auth.session_timeout`): not for what can't be undone. */
  readonly acceptsRecent?: boolean;
}

export interface ReauthenticationParts {
  readonly auth: UserInteractiveAuth;
  readonly clock: Clock;
  readonly validations: Validations;
  readonly flows: ReauthenticationFlows;
  /** `ui_auth.session_timeout` in milliseconds; 0: never. */
  readonly recentMs: number;
}

/** Lets a user who is logged in prove again who they are, before something that a stolen token must not be able to do. */
export class Reauthentication {
  readonly #parts: ReauthenticationParts;

  constructor(parts: ReauthenticationParts) {
    this.#parts = parts;
  }

  /** Resolves when the user has proved it; until then throws AuthenticationRequired. */
  async require(requester: Requester, request: ReauthenticationRequest): Promise<void> {
    const { auth, clock, validations, flows, recentMs } = this.#parts;
    if (request.acceptsRecent && recentMs > 0) {
      const last = await validations.lastValidated(requester.token);
      if (last !== undefined && clock.now() - last < recentMs) return;
    }
    const { auth: given, ...binding } = request.body;
    const done = await auth.authenticate({
      operation: request.operation,
      binding: binding as JsonObject,
      flows: await flows(requester.user),
      auth: given as JsonObject | undefined,
      user: { nid: requester.user, userId: requester.userId },
      ip: request.ip,
    });
    // Each stage of these flows gives the user whom it has recognised.
    if (![...done.results.values()].every((user) => user === requester.userId)) throw new AuthenticationRefused();
    await auth.finishNow(done);
    await validations.noteValidated(requester.token);
  }
}
