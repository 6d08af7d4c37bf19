import { MatrixError, type Endpoint } from '@myelin/api';
import { Answer } from './answers.ts';
import type { Authenticator } from './authenticator.ts';
import type { RequestLimits } from './limits.ts';
import type { Requester } from './requester.ts';
import type { HandlerInput, RequestContext, Route } from './route.ts';
import type { ServerAuthenticator } from './server-authenticator.ts';
import { endpointValidator, type EndpointValidator } from './validators.ts';

/** A call as it comes from outside, whatever carried it. */
export interface RawCall {
  readonly accessToken: string | undefined;
  /** All `Authorization` headers. */
  readonly authorization: readonly string[];
  readonly params: unknown;
  /** Converted in place to the types of the endpoint. */
  readonly query: unknown;
  /**
   * Reads and parses the body; asked for once the caller is known and within their limits. Undefined where there is none
   * and the endpoint allows that.
   */
  body(): Promise<unknown>;
  /** The body as it came, for what other servers signed. */
  bytes(): Promise<Uint8Array | undefined>;
  /** The bytes of the body aren't needed any more. */
  release?(): void;
  readonly context: RequestContext;
}

/** A route with its checks: who calls, how often, and whether the parts have the shape that the endpoint states. */
export class PreparedRoute {
  readonly endpoint: Endpoint;
  readonly #handler: Route['handler'];
  readonly #validate: EndpointValidator;
  readonly #authenticator: Authenticator;
  readonly #servers: ServerAuthenticator | undefined;
  readonly #limits: RequestLimits;

  /** Without `servers` no call of another server is let in. */
  constructor(
    { endpoint, handler }: Route,
    authenticator: Authenticator,
    servers: ServerAuthenticator | undefined,
    limits: RequestLimits,
  ) {
    this.endpoint = endpoint;
    this.#handler = handler;
    this.#validate = endpointValidator(endpoint);
    this.#authenticator = authenticator;
    this.#servers = servers;
    this.#limits = limits;
  }

  /** Throws what refuses the call. `onCaller` is told who calls (user or server) as soon as that is known. */
  async call(call: RawCall, onCaller: (caller: string) => void): Promise<Answer> {
    const { endpoint } = this;
    const { context } = call;
    if (endpoint.auth === 'server') return this.#callOfServer(call, onCaller);
    const requester = await this.#authenticate(call);
    if (requester) onCaller(requester.userId);
    if (endpoint.rateLimit !== 'none') this.#limits.check(endpoint.rateLimit, requester, context.ip);
    this.#validate.params(call.params);
    this.#validate.query(call.query);
    const body = this.#takesJson ? orEmpty(await call.body()) : undefined;
    this.#validate.body(body);
    return this.#handle(call, body, requester, '');
  }

  /** The signature covers the body, so the claim is looked at first, with its keys, then the body, then the rest. */
  async #callOfServer(call: RawCall, onCaller: (caller: string) => void): Promise<Answer> {
    if (!this.#servers) throw new MatrixError('M_UNAUTHORIZED', 'Nobody can check the signature');
    const claim = await this.#servers.claimOf(call.authorization);
    const bytes = this.#takesJson ? await call.bytes() : undefined;
    const { method, url: uri, ip } = call.context;
    const operation = this.endpoint.id;
    const { origin, content, done } = await claim.verify({ method, uri, body: bytes, ip, operation });
    call.release?.();
    try {
      onCaller(origin);
      this.#validate.params(call.params);
      this.#validate.query(call.query);
      const body = this.#takesJson ? orEmpty(content) : undefined;
      this.#validate.body(body);
      return await this.#handle(call, body, undefined, origin);
    } finally {
      done();
    }
  }

  get #takesJson(): boolean {
    return this.endpoint.body !== undefined && this.endpoint.body !== 'bytes';
  }

  async #handle(call: RawCall, body: unknown, requester: Requester | undefined, origin: string): Promise<Answer> {
    const { params, query, context: request } = call;
    const input = { params, query, body, requester, optionalRequester: requester, origin, request };
    const result = await this.#handler(input as unknown as HandlerInput<Endpoint>);
    return result instanceof Answer ? result : new Answer(200, { object: result });
  }

  async #authenticate({ accessToken, context }: RawCall): Promise<Requester | undefined> {
    const { auth } = this.endpoint;
    if (auth === 'none') return undefined;
    if (accessToken === undefined) {
      if (auth === 'optional') return undefined;
      throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
    }
    return this.#authenticator.authenticate(accessToken, auth, context.ip, context.userAgent);
  }
}

/** A body that was left out counts as an empty object; `null` is a body. */
function orEmpty(body: unknown): unknown {
  return body === undefined ? {} : body;
}
