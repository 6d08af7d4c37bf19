import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from '@myelin/api';
import type { Answer } from './answers.ts';
import type { Requester } from './requester.ts';

/** What a handler may know of the HTTP request beyond its parsed parts. */
export interface RequestContext {
  readonly id: string;
  /** The client's address; behind a proxy (`x_forwarded`) what it says. */
  readonly ip: string;
  readonly userAgent: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Aborted when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  /** The body of a `body: 'bytes'` endpoint, as it comes; throws if it breaks off. To be called once. */
  chunks(): AsyncIterable<Uint8Array>;
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  /** The address under which the client reached us: `http://host:port`. */
  readonly origin: string;
}

export interface HandlerInput<E> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** Set on endpoints that need a user. On `auth: 'optional'` ones use `optionalRequester`. */
  readonly requester: Requester;
  readonly optionalRequester: Requester | undefined;
  readonly request: RequestContext;
  /** The signing server of a `server` endpoint. */
  readonly origin: string;
}

/** Wire to domain and back, nothing else. */
export type Handler<E> = (input: HandlerInput<E>) => Promise<ResponseOf<E> | Answer>;

/** A list of routes holds handlers of many types; `route` has checked that each fits its endpoint. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly handler: (input: HandlerInput<Endpoint>) => Promise<unknown>;
}

/** Ties an endpoint to the function that serves it. */
export function route<E extends Endpoint>(endpoint: E, handler: Handler<E>): Route {
  return { endpoint, handler: handler as unknown as Route['handler'] };
}
