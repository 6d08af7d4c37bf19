/** By user, the devices that are asked for; none: all. */
export type KeyQuery = Readonly<Record<string, readonly string[]>>;

/** By user and device, the algorithm of the key that is wanted. */
export type KeyClaim = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** By server, why it gave nothing. */
export type ServerFailures = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Keys as JSON texts, checked: they are of the users that were asked for. */
export interface RemoteKeyAnswer {
  /** By user and device. */
  readonly deviceKeys: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly masterKeys: ReadonlyMap<string, { readonly publicKey: string; readonly text: string }>;
  readonly selfSigningKeys: ReadonlyMap<string, string>;
  readonly failures: ServerFailures;
}

export interface RemoteClaimAnswer {
  /** By user, texts of the form `"DEVICE":{"algorithm:id":key}`. */
  readonly oneTimeKeys: ReadonlyMap<string, readonly string[]>;
  readonly failures: ServerFailures;
}

/** Keys of other servers' users. Implemented by `features/remote-devices`. */
export interface RemoteKeys {
  query(byServer: ReadonlyMap<string, KeyQuery>, timeoutMs: number): Promise<RemoteKeyAnswer>;
  claim(byServer: ReadonlyMap<string, KeyClaim>, timeoutMs: number): Promise<RemoteClaimAnswer>;
}

/** For servers without federation: each other server is told as a failure. */
export const noRemoteKeys: RemoteKeys = {
  query: async (byServer) => ({
    deviceKeys: new Map(),
    masterKeys: new Map(),
    selfSigningKeys: new Map(),
    failures: unreachable(byServer.keys()),
  }),
  claim: async (byServer) => ({ oneTimeKeys: new Map(), failures: unreachable(byServer.keys()) }),
};

function unreachable(servers: Iterable<string>): ServerFailures {
  return Object.fromEntries(
    [...servers].map((server) => [server, { status: 503, message: 'This server does not reach other servers' }]),
  );
}
