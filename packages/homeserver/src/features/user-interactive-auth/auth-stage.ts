import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

/** Names a session without giving its secret away. */
export type SessionKey = Uint8Array;

/** Who tries a stage, and where. */
export interface StageContext {
  /** Undefined where this one stage is all that is asked for: then nothing is kept. */
  readonly session: SessionKey | undefined;
  /** The owner of the access token, where an operation has one. */
  readonly user: { readonly nid: UserNid; readonly userId: string } | undefined;
  readonly ip: string;
}

/**
 * One way to prove something: a password, a token, a captcha, an e-mail. Client-Server API §"Authentication types".
 * Stages that are completed elsewhere (a link in an e-mail, a page) refuse in `complete` until that has happened, or
 * are marked by `UserInteractiveAuth.completeElsewhere`.
 */
export interface AuthStage {
  /** `m.login.…` */
  readonly type: string;
  /** What a client must know to offer the stage: goes into `params`. */
  parameters?(): JsonObject | undefined;
  /**
   * Looks at what the client sent; resolves to what is kept of it (never a secret). Throws a MatrixError if it isn't
   * right: the client is told and may try again.
   */
  complete(auth: JsonObject, context: StageContext): Promise<JsonValue>;
  /** Called when sessions end or are given up, in the transaction that removes them. */
  release?(writer: Writer, sessions: readonly SessionKey[]): Promise<void>;
}

/** The types of the stages of a way through, in order. */
export type AuthFlow = readonly string[];
