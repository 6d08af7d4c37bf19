/** A request as its signature covers it. */
export interface SignedCall {
  readonly method: string;
  /** Path and query as received. */
  readonly uri: string;
  /** The parsed body; undefined without one. */
  readonly content: unknown;
}

/** Who a request says that it comes from, and its signatures, not yet checked. */
export interface ServerClaim {
  readonly origin: string;
  /** Resolves to the server that signed. Throws M_UNAUTHORIZED. */
  verify(call: SignedCall): Promise<string>;
}

/** Finds out which server calls. Server-Server API §"Request Authentication". Implemented by `features/server-requests`. */
export interface ServerAuthenticator {
  /** Reads the `Authorization` headers. Throws M_UNAUTHORIZED, and M_FORBIDDEN for servers that aren't federated with. */
  claimOf(authorization: readonly string[]): ServerClaim;
}
