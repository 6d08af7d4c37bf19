import type { JsonObject } from '@myelin/protocol';

/**
 * Why a call of another server came to nothing:
 * - `not-allowed`: `federation_domain_whitelist` or a deny list keeps us from calling it, or its name isn't one.
 * - `backing-off`: it failed lately, and isn't tried again yet.
 * - `unreachable`: no answer (not found, no connection, TLS, time out).
 * - `refused`: it answered with an error; `status` and `code` say which.
 * - `bad-answer`: it answered with what the endpoint doesn't allow, or with too much.
 */
export type FederationFailure = 'not-allowed' | 'backing-off' | 'unreachable' | 'refused' | 'bad-answer';

export interface FederationErrorFacts {
  readonly status?: number;
  readonly code?: string;
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** A call of another server that came to nothing. */
export class FederationError extends Error {
  readonly kind: FederationFailure;
  readonly destination: string;
  /** Set where it answered. */
  readonly status: number | undefined;
  /** The other server's errcode. */
  readonly code: string | undefined;
  /** The body of its refusal. */
  readonly details: JsonObject | undefined;

  constructor(kind: FederationFailure, destination: string, message: string, facts: FederationErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'FederationError';
    this.kind = kind;
    this.destination = destination;
    this.status = facts.status;
    this.code = facts.code;
    this.details = facts.details;
  }

  /** Whether the same call may be answered otherwise a little later: the server couldn't be asked, was overtaxed or had a fault. */
  get isPassing(): boolean {
    const { kind, status = 0 } = this;
    return (
      kind === 'unreachable' || kind === 'backing-off' || (kind === 'refused' && (status === 429 || status >= 500))
    );
  }
}
