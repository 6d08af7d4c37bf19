import { MatrixError, type Endpoint } from '@myelin/api';
import { Answer } from './answers.ts';
import type { Authenticator } from './authenticator.ts';
import type { RequestLimits } from './limits.ts';
import type { Requester } from './requester.ts';
import type { HandlerInput, RequestContext, Route } from './route.ts';
import { endpointValidator, type EndpointValidator } from './validators.ts';

/** A call as it comes from outside, whatever carried it. */
export interface RawCall {
  readonly accessToken: string | undefined;
  readonly params: unknown;
  /** Converted in place to the types of the endpoint. */
  readonly query: unknown;
  /** Reads and parses the body; asked for once the caller is known and within their limits. */
  body(): Promise<unknown>;
  readonly context: RequestContext;
}

/** A route with its checks: who calls, how often, and whether the parts have the shape that the endpoint states. */
export class PreparedRoute {
  readonly endpoint: Endpoint;
  readonly #handler: Route['handler'];
  readonly #validate: EndpointValidator;
  readonly #authenticator: Authenticator;
  readonly #limits: RequestLimits;

  constructor({ endpoint, handler }: Route, authenticator: Authenticator, limits: RequestLimits) {
    this.endpoint = endpoint;
    this.#handler = handler;
    this.#validate = endpointValidator(endpoint);
    this.#authenticator = authenticator;
    this.#limits = limits;
  }

  /** Throws what refuses the call. `onCaller` is told who calls as soon as that is known. */
  async call(call: RawCall, onCaller: (userId: string) => void): Promise<Answer> {
    const { endpoint } = this;
    const { context } = call;
    const requester = await this.#authenticate(call);
    if (requester) onCaller(requester.userId);
    if (endpoint.rateLimit !== 'none') this.#limits.check(endpoint.rateLimit, requester, context.ip);
    this.#validate.params(call.params);
    this.#validate.query(call.query);
    let body: unknown;
    if (endpoint.body !== undefined && endpoint.body !== 'bytes') {
      body = await call.body();
      this.#validate.body(body);
    }
    const input = {
      params: call.params,
      query: call.query,
      body,
      requester,
      optionalRequester: requester,
      origin: '',
      request: context,
    };
    const result = await this.#handler(input as unknown as HandlerInput<Endpoint>);
    return result instanceof Answer ? result : new Answer(200, { object: result });
  }

  async #authenticate({ accessToken, context }: RawCall): Promise<Requester | undefined> {
    const { auth } = this.endpoint;
    if (auth === 'none' || auth === 'server') return undefined;
    if (accessToken === undefined) {
      if (auth === 'optional') return undefined;
      throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
    }
    return this.#authenticator.authenticate(accessToken, auth, context.ip, context.userAgent);
  }
}
