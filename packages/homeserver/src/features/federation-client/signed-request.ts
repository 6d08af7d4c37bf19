import { canonicalJson, type SigningKey } from '@myelin/protocol';

/** What a signature of a request covers. Server-Server API §"Request Authentication". */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly uri: string;
  readonly origin: string;
  readonly destination: string;
  /** The body as canonical JSON text; undefined without a body. */
  readonly content: string | undefined;
}

/** The canonical JSON that is signed. Throws CanonicalJsonError. */
export function signedRequestText({ method, uri, origin, destination, content }: SignedRequest): string {
  const body = content === undefined ? '' : `"content":${content},`;
  const rest = canonicalJson({ destination, method, origin, uri });
  return `{${body}${rest.slice(1)}`;
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
    const signature = this.#key.sign(signedRequestText({ ...request, origin: this.#origin }));
    const { destination } = request;
    return `X-Matrix origin="${this.#origin}",destination="${destination}",key="${this.#key.keyId}",sig="${signature}"`;
  }
}
