/** Somewhere that a server may be found at. Server-Server API §"Resolving server names". */
export interface Place {
  /** Name or address (without brackets) to connect to. */
  readonly host: string;
  readonly port: number;
  /** Value of the `Host` header. */
  readonly hostHeader: string;
  /** What the certificate must be for; sent as SNI where it is a name. */
  readonly tlsName: string;
  /** How it was found. */
  readonly by: 'literal' | 'port' | 'srv' | 'old-srv' | 'default-port';
}

/** How a server name was resolved. */
export interface Resolution {
  /** What /.well-known says, if it was asked and said something. */
  readonly delegated: string | undefined;
  /** In the order to try them; empty where the service is decidedly not there. */
  readonly places: readonly Place[];
}

export const defaultPort = 8448;
