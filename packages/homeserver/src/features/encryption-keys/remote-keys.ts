/** By user, the devices that are asked for; none: all. */
export type KeyQuery = Readonly<Record<string, readonly string[]>>;

/** By user and device, the algorithm of the key that is wanted. */
export type KeyClaim = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** By server, why it gave nothing. */
export type ServerFailures = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface RemoteKeyAnswer {
  readonly deviceKeys: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly masterKeys: Readonly<Record<string, unknown>>;
  readonly selfSigningKeys: Readonly<Record<string, unknown>>;
  readonly failures: ServerFailures;
}

export interface RemoteClaimAnswer {
  /** By user and device, keys by `algorithm:id`. */
  readonly oneTimeKeys: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly failures: ServerFailures;
}

/** Keys of other servers' users. Implemented by `features/federation-outbound`. */
export interface RemoteKeys {
  query(byServer: ReadonlyMap<string, KeyQuery>, timeoutMs: number): Promise<RemoteKeyAnswer>;
  claim(byServer: ReadonlyMap<string, KeyClaim>, timeoutMs: number): Promise<RemoteClaimAnswer>;
}

/** For servers without federation: each other server is told as a failure. */
export const noRemoteKeys: RemoteKeys = {
  query: async (byServer) => ({
    deviceKeys: {},
    masterKeys: {},
    selfSigningKeys: {},
    failures: unreachable(byServer.keys()),
  }),
  claim: async (byServer) => ({ oneTimeKeys: {}, failures: unreachable(byServer.keys()) }),
};

function unreachable(servers: Iterable<string>): ServerFailures {
  return Object.fromEntries(
    [...servers].map((server) => [server, { status: 503, message: 'This server does not reach other servers' }]),
  );
}
