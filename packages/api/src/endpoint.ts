import type { Static, TObject, TSchema } from 'typebox';

/**
 * Who may call:
 * - `none`: anybody; a token is not looked at.
 * - `optional`: a token is used when there is one.
 * - `user`: an access token of a user who isn't a guest.
 * - `user-or-guest`: guests too.
 * - `user-even-locked`: like user-or-guest, for locked or suspended accounts as well (logout).
 * - `admin`: an access token of a server administrator.
 * - `server`: a request signed by another server (Server-Server API §3).
 * - `appservice`: an application service's token.
 */
export type Authentication =
  | 'none'
  | 'optional'
  | 'user'
  | 'user-or-guest'
  | 'user-even-locked'
  | 'admin'
  | 'server'
  | 'appservice';

/**
 * The configured limiter (`rc_*` of homeserver.yaml) that a call counts against before it is handled. `client` marks
 * what the specification calls rate-limited and Synapse has no such limiter for, or counts where the work is done.
 */
export type RateLimitClass = 'none' | 'client' | 'registration' | 'login' | 'message' | 'redaction' | 'media-create';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS';

/**
 * An endpoint as data: the router, the test client, the coverage page and the reference are made from it.
 * `paths` use `:name` for parameters, newest version first, then those that clients still call.
 * `body` absent: no body is read. `body: 'bytes'`: the handler gets the stream as it is.
 * `response` is the schema of the 200 body, or 'bytes'.
 */
export interface Endpoint<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema | 'bytes' | undefined = TSchema | 'bytes' | undefined,
  Response extends TSchema | 'bytes' = TSchema | 'bytes',
> {
  /** operationId of the specification, or a name of ours for what it doesn't have. */
  readonly id: string;
  readonly summary: string;
  /** Which document defines it: `cs` §…, `ss` §…, `synapse`, `msc`. */
  readonly source: 'client-server' | 'server-server' | 'synapse' | 'msc' | 'myelin';
  readonly method: HttpMethod;
  readonly paths: readonly string[];
  readonly auth: Authentication;
  readonly rateLimit: RateLimitClass;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly response: Response;
  /** A request without a body counts as one with `{}`. */
  readonly allowEmptyBody?: boolean;
  /** Largest body in bytes; default 1 MiB. Not for `bytes`. */
  readonly bodyLimit?: number;
}

/** Declares an endpoint and keeps its exact types. */
export function endpoint<
  Params extends TObject,
  Query extends TObject,
  Body extends TSchema | 'bytes' | undefined,
  Response extends TSchema | 'bytes',
>(value: Endpoint<Params, Query, Body, Response>): Endpoint<Params, Query, Body, Response> {
  return value;
}

// Text counts as a TSchema to the compiler, so that 'bytes' is asked for first.
type StaticOf<Part, WhenBytes> = Part extends 'bytes' | undefined
  ? WhenBytes
  : Part extends TSchema
    ? Static<Part>
    : never;

export type ParamsOf<E> = E extends Endpoint<infer P, infer _Q, infer _B, infer _R> ? Static<P> : never;
export type QueryOf<E> = E extends Endpoint<infer _P, infer Q, infer _B, infer _R> ? Static<Q> : never;
/** `undefined` where no JSON body is read. */
export type BodyOf<E> = E extends Endpoint<infer _P, infer _Q, infer B, infer _R> ? StaticOf<B, undefined> : never;
/** `never` where the answer isn't JSON. */
export type ResponseOf<E> = E extends Endpoint<infer _P, infer _Q, infer _B, infer R> ? StaticOf<R, never> : never;
