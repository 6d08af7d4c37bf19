import { MatrixError, type Endpoint } from '@myelin/api';
import type { Answer } from './answers.ts';
import type { Authenticator } from './authenticator.ts';
import { errorToAnswer } from './error-mapper.ts';
import type { RequestLimits } from './limits.ts';
import type { Pour } from './pour.ts';
import { PreparedRoute } from './prepared-route.ts';
import { parseJsonBody } from './read-body.ts';
import type { RequestContext, Route } from './route.ts';
import { Router } from './router.ts';
import type { ServerAuthenticator } from './server-authenticator.ts';

export interface InProcessCall {
  readonly accessToken?: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** A request as it comes over the wire. */
export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * The routes of a server without sockets: the same checks, handlers and error mapping, called in the same process. For the
 * simulator, where nothing may depend on a real network.
 */
export class InProcessServer {
  readonly #routes = new Map<string, Route>();
  readonly #prepared = new Map<string, PreparedRoute>();
  readonly #prepare: (route: Route) => PreparedRoute;
  /** Of what other servers call. */
  readonly #router = new Router<Route>();
  readonly #onFault: (error: unknown) => void;
  #calls = 0;

  constructor(
    routes: readonly Route[],
    authenticator: Authenticator,
    limits: RequestLimits,
    onFault: (error: unknown) => void,
    servers?: ServerAuthenticator,
  ) {
    for (const route of routes) {
      const { id, method, paths } = route.endpoint;
      this.#routes.set(id, route);
      for (const path of paths) if (isForServers(path)) this.#router.add(method, path, route);
    }
    this.#prepare = (route) => new PreparedRoute(route, authenticator, servers, limits);
    this.#onFault = onFault;
  }

  /** Takes a request of another server, with whatever its headers and body are. */
  async exchange({ method, url, headers, body }: RawRequest): Promise<RawResponse> {
    let result: Answer;
    try {
      const { pathname, searchParams } = new URL(url, 'http://simulator');
      const [path = pathname] = url.split('?');
      const found = this.#router.find(method, path);
      if (!found) throw new MatrixError('M_UNRECOGNIZED', 'Unrecognized request');
      const { target, params } = found;
      const { endpoint } = target;
      const route = this.#preparedOf(target);
      const bytes = Buffer.from(body ?? '');
      const isLeftOut = bytes.length === 0 && endpoint.allowEmptyBody;
      const query: Record<string, string[]> = {};
      for (const [name, value] of searchParams) (query[name] ??= []).push(value);
      const call = {
        accessToken: undefined,
        authorization: headers['authorization'] === undefined ? [] : [headers['authorization']],
        params,
        query,
        body: async () => (isLeftOut ? undefined : parseJsonBody(bytes)),
        bytes: async () => (isLeftOut ? undefined : bytes),
        context: this.#context(method, url, headers, new AbortController().signal),
      };
      result = await route.call(call, () => {});
    } catch (error) {
      result = errorToAnswer(error, this.#onFault);
    }
    return { status: result.status, headers: result.headers, text: await textOf(result) };
  }

  /** Calls an endpoint; resolves to status and parsed JSON body. */
  async call(endpoint: Endpoint, call: InProcessCall): Promise<{ status: number; body: unknown }> {
    const route = this.#routes.get(endpoint.id);
    const answer = await this.#answer(route && this.#preparedOf(route), endpoint, call);
    const { payload } = answer;
    if ('text' in payload) return { status: answer.status, body: JSON.parse(payload.text) };
    if ('pour' in payload) {
      const body = await poured(payload.pour);
      const isJson = answer.headers['content-type'] === 'application/json';
      return { status: answer.status, body: isJson ? JSON.parse(Buffer.from(body).toString()) : body };
    }
    return { status: answer.status, body: 'object' in payload ? structuredClone(payload.object) : payload.bytes };
  }

  #preparedOf(route: Route): PreparedRoute {
    let prepared = this.#prepared.get(route.endpoint.id);
    if (!prepared) this.#prepared.set(route.endpoint.id, (prepared = this.#prepare(route)));
    return prepared;
  }

  async #answer(route: PreparedRoute | undefined, endpoint: Endpoint, call: InProcessCall): Promise<Answer> {
    const signal = call.signal ?? new AbortController().signal;
    try {
      if (!route) throw new MatrixError('M_UNRECOGNIZED', 'Unrecognized request');
      return await route.call(
        {
          accessToken: call.accessToken,
          authorization: [],
          params: { ...call.params },
          query: { ...call.query },
          body: async () => structuredClone(call.body ?? {}),
          bytes: async () => undefined,
          context: this.#context(endpoint.method, endpoint.paths[0] ?? '', {}, signal),
        },
        () => {},
      );
    } catch (error) {
      return errorToAnswer(error, this.#onFault);
    }
  }

  #context(method: string, url: string, headers: RawRequest['headers'], signal: AbortSignal): RequestContext {
    return {
      id: `sim-${++this.#calls}`,
      ip: '127.0.0.1',
      userAgent: 'simulator',
      headers,
      signal,
      chunks: async function* () {},
      method,
      url,
      origin: 'http://simulator',
    };
  }
}

function isForServers(path: string): boolean {
  return path.startsWith('/_matrix/federation/') || path.startsWith('/_matrix/key/');
}

async function textOf({ payload }: Answer): Promise<string> {
  if ('text' in payload) return payload.text;
  if ('object' in payload) return JSON.stringify(payload.object);
  if ('pour' in payload) return Buffer.from(await poured(payload.pour)).toString();
  const { bytes } = payload;
  if (bytes === undefined || typeof bytes === 'string') return bytes ?? '';
  if (bytes instanceof Uint8Array) return Buffer.from(bytes).toString();
  return Buffer.concat(await bytes.toArray()).toString();
}

async function poured(pour: Pour): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await pour(async (piece) => {
    pieces.push(Buffer.from(piece));
    return true;
  });
  return Buffer.concat(pieces);
}
