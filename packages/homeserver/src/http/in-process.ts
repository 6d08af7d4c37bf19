import { MatrixError, type Endpoint } from '@myelin/api';
import type { Answer } from './answers.ts';
import type { Authenticator } from './authenticator.ts';
import { errorToAnswer } from './error-mapper.ts';
import type { RequestLimits } from './limits.ts';
import type { Pour } from './pour.ts';
import { PreparedRoute } from './prepared-route.ts';
import type { Route } from './route.ts';

export interface InProcessCall {
  readonly accessToken?: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * The routes of a server without sockets: the same checks, handlers and error mapping, called in the same process. For the
 * simulator, where nothing may depend on a real network.
 */
export class InProcessServer {
  readonly #routes = new Map<string, PreparedRoute>();
  readonly #onFault: (error: unknown) => void;
  #calls = 0;

  constructor(
    routes: readonly Route[],
    authenticator: Authenticator,
    limits: RequestLimits,
    onFault: (error: unknown) => void,
  ) {
    for (const route of routes) this.#routes.set(route.endpoint.id, new PreparedRoute(route, authenticator, limits));
    this.#onFault = onFault;
  }

  /** Calls an endpoint; resolves to status and parsed JSON body. */
  async call(endpoint: Endpoint, call: InProcessCall): Promise<{ status: number; body: unknown }> {
    const route = this.#routes.get(endpoint.id);
    const answer = await this.#answer(route, endpoint, call);
    const { payload } = answer;
    if ('text' in payload) return { status: answer.status, body: JSON.parse(payload.text) };
    if ('pour' in payload) return { status: answer.status, body: await poured(payload.pour) };
    return { status: answer.status, body: 'object' in payload ? structuredClone(payload.object) : payload.bytes };
  }

  async #answer(route: PreparedRoute | undefined, endpoint: Endpoint, call: InProcessCall): Promise<Answer> {
    const id = `sim-${++this.#calls}`;
    const signal = call.signal ?? new AbortController().signal;
    try {
      if (!route) throw new MatrixError('M_UNRECOGNIZED', 'Unrecognized request');
      return await route.call(
        {
          accessToken: call.accessToken,
          params: { ...call.params },
          query: { ...call.query },
          body: async () => structuredClone(call.body ?? {}),
          context: {
            id,
            ip: '127.0.0.1',
            userAgent: 'simulator',
            headers: {},
            signal,
            chunks: async function* () {},
            method: endpoint.method,
            url: endpoint.paths[0] ?? '',
            origin: 'http://simulator',
          },
        },
        () => {},
      );
    } catch (error) {
      return errorToAnswer(error, this.#onFault);
    }
  }
}

async function poured(pour: Pour): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await pour(async (piece) => {
    pieces.push(Buffer.from(piece));
    return true;
  });
  return Buffer.concat(pieces);
}
