/** A request as its signature covers it. */
export interface SignedCall {
  readonly method: string;
  /** Path and query as received. */
  readonly uri: string;
  /** The parsed body; undefined without one. */
  readonly content: unknown;
  /** The id of the endpoint. */
  readonly operation: string;
}

/** Who a request says that it comes from, and its signatures, not yet checked. */
export interface ServerClaim {
  readonly origin: string;
  /**
   * Checks the signature, and waits until it is the server's turn; `done` says that the request was worked on. Throws
   * M_UNAUTHORIZED, and M_LIMIT_EXCEEDED where too many of the server's requests wait.
   */
  verify(call: SignedCall): Promise<ServerCall>;
}

/** A request of a server that is who it says it is. */
export interface ServerCall {
  readonly origin: string;
  done(): void;
}

/** Finds out which server calls. Server-Server API §"Request Authentication". Implemented by `features/server-requests`. */
export interface ServerAuthenticator {
  /** Reads the `Authorization` headers. Throws M_UNAUTHORIZED, and M_FORBIDDEN for servers that aren't federated with. */
  claimOf(authorization: readonly string[]): ServerClaim;
}
