import { federation, MatrixError } from '@myelin/api';
import {
  canonicalJson,
  CanonicalJsonError,
  isEd25519KeyId,
  isServerName,
  verifySignatures,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import {
  isXMatrix,
  parseXMatrix,
  type ServerAuthenticator,
  type ServerCall,
  type ServerClaim,
  type SignedCall,
  type XMatrix,
} from '../../http/index.ts';
import type { Destinations } from '../destinations/index.ts';
import { signedRequestText } from '../federation-client/index.ts';
import type { KeyRing } from '../server-keys/index.ts';
import type { OriginLimits } from './origin-limits.ts';

/** Transactions have a queue of their own for each server; the others would wait behind them. */
const unlimited: ReadonlySet<string> = new Set([federation.sendTransaction.id]);

/** A server signs with one key, or with a few while it changes them. */
const mostSignatures = 10;

export interface RequestCheckerParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly keys: KeyRing;
  readonly destinations: Pick<Destinations, 'reachable'>;
  readonly limits: Pick<OriginLimits, 'enter'>;
  /** Whether `federation_domain_whitelist` lets it speak with us. */
  readonly isAllowed: (serverName: string) => boolean;
}

/** Checks the signatures of requests from other servers. Server-Server API §"Request Authentication". */
export class RequestChecker implements ServerAuthenticator {
  readonly #parts: RequestCheckerParts;

  constructor(parts: RequestCheckerParts) {
    this.#parts = parts;
  }

  claimOf(authorization: readonly string[]): ServerClaim {
    const headers = authorization.filter(isXMatrix);
    if (headers.length === 0) throw unauthorized('Missing Authorization headers');
    if (headers.length > mostSignatures) throw unauthorized('There are too many signatures');
    const claims = headers.map((header) => {
      const claim = parseXMatrix(header);
      if (!claim) throw unauthorized('Malformed Authorization header');
      return claim;
    });
    const { origin } = claims[0] as XMatrix;
    for (const claim of claims) this.#checkClaim(claim, origin);
    return { origin, verify: (call) => this.#verify(origin, claims, call) };
  }

  #checkClaim({ origin, destination, key }: XMatrix, first: string): void {
    const { serverName, isAllowed } = this.#parts;
    if (origin !== first) throw unauthorized('The signatures are of different servers');
    if (!isServerName(origin)) throw unauthorized('The origin is not a server name');
    if (origin === serverName) throw unauthorized('The origin is this server itself');
    if (destination !== undefined && destination !== serverName) {
      throw unauthorized('The request is meant for another server');
    }
    if (!isEd25519KeyId(key)) throw unauthorized('The signature is not by an ed25519 key');
    if (!isAllowed(origin)) throw new MatrixError('M_FORBIDDEN', 'Federation with this server is not allowed');
  }

  async #verify(origin: string, claims: readonly XMatrix[], call: SignedCall): Promise<ServerCall> {
    const { method, uri, content, operation } = call;
    const { serverName, keys, clock, destinations, limits } = this.#parts;
    const text = signedText({ method, uri, origin, destination: serverName, content });
    const signatures: JsonObject = {};
    for (const { key, signature } of claims) {
      if (Object.hasOwn(signatures, key)) throw unauthorized('There are two signatures by one key');
      signatures[key] = signature;
    }
    const keyIds = Object.keys(signatures);
    const find = await keys.keysFor([{ server: origin, keyIds, at: clock.now(), enforceValidity: true }]);
    const problem = verifySignatures(text, { [origin]: signatures }, origin, find);
    if (problem === 'bad-signature') throw unauthorized('The signature of the request is not good');
    if (problem) throw unauthorized('The key that the request is signed with could not be found');
    await destinations.reachable(origin);
    return { origin, done: unlimited.has(operation) ? () => {} : await limits.enter(origin) };
  }
}

function signedText({
  content,
  ...request
}: Omit<SignedCall, 'operation'> & { readonly origin: string; readonly destination: string }): string {
  try {
    const body = content === undefined ? undefined : canonicalJson(content as JsonValue, 'lenient');
    return signedRequestText({ ...request, content: body });
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw unauthorized('The request has no canonical JSON');
    throw error;
  }
}

function unauthorized(message: string): MatrixError {
  return new MatrixError('M_UNAUTHORIZED', message);
}
