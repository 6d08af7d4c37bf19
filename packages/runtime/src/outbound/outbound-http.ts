/** A request to anywhere outside. */
export interface OutboundRequest {
  /** `https://host:port/path?query` or `http:`; the host is what is connected to. */
  readonly url: string;
  /** Path and query, sent as they are, in place of the URL's (which is read with its dots resolved). */
  readonly path?: string;
  readonly method: string;
  /** Names in lower case; `host` if it isn't the URL's. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The name that the certificate must be for (and that is sent as SNI), if it isn't the URL's host. */
  readonly tlsName?: string;
  /** For the connection, then for the head of the answer, then for each next part of its body. */
  readonly timeoutMs: number;
  /** For all of it, redirects included; ten times `timeoutMs` if not given. */
  readonly longestMs?: number;
  readonly signal?: AbortSignal;
  /** How many redirects are followed, of GETs, each checked like a request of its own; none if not given. */
  readonly redirects?: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** To be read to its end, or left (`break`), or given up by `cancel`. Throws where it breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends an exchange whose body nobody wants. */
  cancel(): void;
  /** What answered, after redirects. */
  readonly url: string;
}

/**
 * Why there was no answer: `denied`: the address is one that requests must not reach; `not-found`: the name has no
 * address; `no-connection`: nobody listens there; `tls`: the certificate isn't good, or no TLS is spoken; `redirect`: one
 * that isn't followed; `failed`: anything else. With the first four nothing of the request was sent.
 */
export type OutboundFailure = 'denied' | 'not-found' | 'no-connection' | 'tls' | 'redirect' | 'failed';

export class OutboundError extends Error {
  readonly kind: OutboundFailure;

  constructor(kind: OutboundFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OutboundError';
    this.kind = kind;
  }
}

/**
 * The one way out: resolves the name, checks the address, connects to that very address, speaks through the configured
 * proxy, and does it again for each redirect.
 */
export interface OutboundHttp {
  /** Any status is an answer. Throws OutboundError. */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** Ends what is under way. */
  close(): Promise<void>;
}
