/** A request as its signature covers it. */
export interface SignedCall {
  readonly method: string;
  /** Path and query as received. */
  readonly uri: string;
  /** The body as it came, JSON or not; undefined without one. */
  readonly body: Uint8Array | undefined;
  /** The address that it came from. */
  readonly ip: string;
  /** The id of the endpoint. */
  readonly operation: string;
}

/** Who a request says that it comes from, and its signatures, not yet checked. */
export interface ServerClaim {
  /**
   * Checks the signature, and waits until it is the server's turn; `done` says that the request was worked on. Throws
   * M_UNAUTHORIZED, M_NOT_JSON or M_BAD_JSON, and M_LIMIT_EXCEEDED where too many of the server's requests wait.
   */
  verify(call: SignedCall): Promise<ServerCall>;
}

/** A request of a server that is who it says it is. */
export interface ServerCall {
  readonly origin: string;
  /** The parsed body, numbers as they were written; undefined without one. */
  readonly content: unknown;
  done(): void;
}

/** Finds out which server calls. Server-Server API §"Request Authentication". Implemented by `features/server-requests`. */
export interface ServerAuthenticator {
  /**
   * Reads the `Authorization` headers and finds the keys. Throws M_UNAUTHORIZED, and M_FORBIDDEN for servers that aren't
   * federated with. Nobody has read the body by then.
   */
  claimOf(authorization: readonly string[]): Promise<ServerClaim>;
}
