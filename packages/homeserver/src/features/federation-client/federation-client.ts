import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from '@myelin/api';

export interface CallInput<E> {
  readonly params?: ParamsOf<E>;
  readonly query?: QueryOf<E>;
  readonly body?: BodyOf<E>;
  /** The body as canonical JSON text, in place of `body`: for what is put together from stored text. */
  readonly canonicalBody?: string;
}

export interface CallOptions {
  /** For the head of the answer, and for each next part of its body; `federation.client_timeout` if not given. */
  readonly timeoutMs?: number;
  /**
   * For all of a `call`: finding the server, its tries, and its whole answer, in milliseconds. Who takes longer has failed. If not
   * given, a server that sends a byte now and then has ten times `timeoutMs` for each try, and more to be found.
   */
  readonly longestMs?: number;
  /** Calls a server even if it failed lately. */
  readonly ignoreBackoff?: boolean;
  /** A failure isn't kept: for calls to whatever server anybody names, who could have us keep any number of them. */
  readonly forgetsFailure?: boolean;
  /** Largest answer in bytes. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Which of the endpoint's paths; the first if not given. */
  readonly pathIndex?: number;
  /**
   * How often a failure (no answer, 429, 5xx) is met with another try, by `federation.max_short_retries` or
   * `max_long_retries`; `short` if not given.
   */
  readonly retries?: 'none' | 'short' | 'long';
}

export interface StreamedAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Throws FederationError where it breaks off or is larger than `maxBytes`. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Calls of other servers. */
export interface FederationClient {
  /**
   * Calls an endpoint of another server, signed if the endpoint asks for it; the answer is checked against the
   * endpoint's schema. Numbers that JavaScript doesn't keep are `JsonNumber`s in it. Throws FederationError.
   */
  call<E extends Endpoint>(
    destination: string,
    endpoint: E,
    input?: CallInput<E>,
    options?: CallOptions,
  ): Promise<ResponseOf<E>>;
  /**
   * For endpoints whose answer isn't JSON (media). An answer with another status than 2xx is thrown as a
   * FederationError, as with `call`; redirects are answers.
   */
  stream<E extends Endpoint>(
    destination: string,
    endpoint: E,
    input?: CallInput<E>,
    options?: CallOptions,
  ): Promise<StreamedAnswer>;
}
