/** A request to a server name, signed already where it has to be. */
export interface FederationRequest {
  readonly destination: string;
  readonly method: string;
  /** Path and query, as they go over the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  /** For the answer's head to come, and for each next part of its body. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface FederationResponse {
  readonly status: number;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** To be read to its end, or left (`break`), or given up by `cancel`. Throws where it breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends an exchange whose body nobody wants. */
  cancel(): void;
}

/**
 * One HTTP exchange with a server, found by its name (Server-Server API §"Resolving server names"). The real one speaks
 * TLS; the simulator has one without a network. Throws FederationError of the kinds `not-allowed` and `unreachable`;
 * any status is an answer, and redirects aren't followed.
 */
export interface FederationTransport {
  exchange(request: FederationRequest): Promise<FederationResponse>;
}
