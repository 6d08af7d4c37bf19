import { federation, MatrixError } from '@myelin/api';
import { CanonicalJsonError, isEd25519KeyId, isServerName, type VerifyKey } from '@myelin/protocol';
import type { Clock, Timers } from '@myelin/runtime';
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
import { signedRequestBytes } from '../federation-client/index.ts';
import type { KeyRing } from '../server-keys/index.ts';
import type { OriginLimits } from './origin-limits.ts';
import { SignedBodies } from './signed-bodies.ts';

/** Transactions have a queue of their own for each server; the others would wait behind them. */
const unlimited: ReadonlySet<string> = new Set([federation.sendTransaction.id]);

/** A server signs with one key, or with a few while it changes them. */
const mostSignatures = 10;
/** Bytes; the signatures of larger requests are checked by another thread. */
const mostHashedHere = 1024 * 1024;

export interface RequestCheckerParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly keys: KeyRing;
  readonly destinations: Pick<Destinations, 'reachable'>;
  readonly limits: Pick<OriginLimits, 'enter'>;
  /** Whether `federation_domain_whitelist` lets it speak with us. */
  readonly isAllowed: (serverName: string) => boolean;
}

interface Signature {
  readonly key: VerifyKey;
  /** Base64. */
  readonly signature: string;
}

/** Checks the signatures of requests from other servers. Server-Server API §"Request Authentication". */
export class RequestChecker implements ServerAuthenticator {
  readonly #parts: RequestCheckerParts;
  readonly #bodies: SignedBodies;

  constructor(parts: RequestCheckerParts) {
    this.#parts = parts;
    this.#bodies = new SignedBodies(parts);
  }

  async claimOf(authorization: readonly string[]): Promise<ServerClaim> {
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
    const signatures = await this.#signaturesOf(origin, claims);
    return { verify: (call) => this.#verify(origin, signatures, call) };
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

  /** Those whose keys are known: there has to be one. */
  async #signaturesOf(origin: string, claims: readonly XMatrix[]): Promise<readonly Signature[]> {
    const { keys, clock } = this.#parts;
    const keyIds = new Set(claims.map(({ key }) => key));
    if (keyIds.size < claims.length) throw unauthorized('There are two signatures by one key');
    const find = await keys.keysFor([{ server: origin, keyIds, at: clock.now(), enforceValidity: true }]);
    const signatures = claims.flatMap(({ key: keyId, signature }) => {
      const key = find(origin, keyId);
      return key ? [{ key, signature }] : [];
    });
    if (signatures.length === 0) throw unauthorized('The key that the request is signed with could not be found');
    return signatures;
  }

  async #verify(origin: string, signatures: readonly Signature[], call: SignedCall): Promise<ServerCall> {
    const { destinations, limits } = this.#parts;
    const content = await this.#contentOf(origin, signatures, call);
    await destinations.reachable(origin);
    return { origin, content, done: unlimited.has(call.operation) ? () => {} : await limits.enter(origin) };
  }

  /** The parsed body, if there is one, once the signatures are known to be good. */
  async #contentOf(origin: string, signatures: readonly Signature[], call: SignedCall): Promise<unknown> {
    const { body, ip, method, uri } = call;
    const request = { method, uri, origin, destination: this.#parts.serverName };
    try {
      if (body === undefined) {
        if (await areGood(signatures, signedRequestBytes({ ...request, content: undefined }))) return undefined;
      } else {
        const isSigned = (content: string | Uint8Array): Promise<boolean> =>
          areGood(signatures, signedRequestBytes({ ...request, content }));
        const content = await this.#bodies.read({ bytes: body, origin, ip, isSigned });
        if (content !== undefined) return content;
      }
    } catch (error) {
      if (error instanceof CanonicalJsonError) throw unauthorized('The request has no canonical JSON');
      throw error;
    }
    throw unauthorized('The signature of the request is not good');
  }
}

async function areGood(signatures: readonly Signature[], signed: Uint8Array): Promise<boolean> {
  for (const { key, signature } of signatures) if (!(await isGood(key, signed, signature))) return false;
  return true;
}

/** Hashing 13 MB takes 25 ms and more. */
function isGood(key: VerifyKey, signed: Uint8Array, signature: string): boolean | Promise<boolean> {
  if (signed.length <= mostHashedHere) return key.verify(signed, signature);
  return new Promise((resolve, reject) => {
    key.verifyElsewhere(signed, signature, (error, good) => (error ? reject(error) : resolve(good)));
  });
}

function unauthorized(message: string): MatrixError {
  return new MatrixError('M_UNAUTHORIZED', message);
}
