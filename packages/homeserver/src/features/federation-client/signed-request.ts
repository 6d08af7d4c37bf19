import { canonicalJson, type SigningKey } from '@myelin/protocol';

/** What a signature of a request covers. Server-Server API §"Request Authentication". */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly uri: string;
  readonly origin: string;
  readonly destination: string;
  /** The body as canonical JSON, or its UTF-8; undefined without a body. */
  readonly content: string | Uint8Array | undefined;
}

/** The UTF-8 of the canonical JSON that is signed. Throws CanonicalJsonError. */
export function signedRequestBytes({ method, uri, origin, destination, content }: SignedRequest): Buffer {
  const rest = canonicalJson({ destination, method, origin, uri });
  if (content === undefined) return Buffer.from(rest);
  if (typeof content === 'string') return Buffer.from(`{"content":${content},${rest.slice(1)}`);
  return Buffer.concat([Buffer.from('{"content":'), content, Buffer.from(`,${rest.slice(1)}`)]);
}

/** Signs requests in the name of this server. */
export class RequestSigner {
  readonly #origin: string;
  readonly #key: SigningKey;

  constructor(identity: { readonly serverName: string; readonly key: SigningKey }) {
    this.#origin = identity.serverName;
    this.#key = identity.key;
  }

  /** The value of the `Authorization` header. */
  authorization(request: Omit<SignedRequest, 'origin'>): string {
    const signature = this.#key.sign(signedRequestBytes({ ...request, origin: this.#origin }));
    const { destination } = request;
    return `X-Matrix origin="${this.#origin}",destination="${destination}",key="${this.#key.keyId}",sig="${signature}"`;
  }
}
