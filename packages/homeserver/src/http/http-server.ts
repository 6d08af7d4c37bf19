import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { MatrixError, type Endpoint } from '@myelin/api';
import type { Breather } from '@myelin/runtime';
import { Answer } from './answers.ts';
import type { Authenticator } from './authenticator.ts';
import { errorToAnswer } from './error-mapper.ts';
import type { RequestLimits } from './limits.ts';
import type { HeldBodies } from './held-bodies.ts';
import { refuseConnection } from './broken-request.ts';
import type { Patience } from './patience.ts';
import { pourAnswer } from './pour.ts';
import { BodyParser, bodyChunks, Holding, readBody } from './read-body.ts';
import { PreparedRoute } from './prepared-route.ts';
import type { RequestContext, Route } from './route.ts';
import { Router } from './router.ts';
import type { ServerAuthenticator } from './server-authenticator.ts';

/** What the HTTP side reports of each finished request. Paths are the endpoint's, without values. */
export interface RequestObserver {
  started(endpoint: Endpoint): void;
  finished(
    endpoint: Endpoint,
    info: { id: string; status: number; milliseconds: number; user: string | undefined; ip: string },
  ): void;
  fault(endpoint: Endpoint | undefined, requestId: string, error: unknown): void;
}

export interface HttpServerOptions {
  readonly authenticator: Authenticator;
  /** Where it is missing, no other server is let in. */
  readonly servers?: ServerAuthenticator | undefined;
  readonly limits: RequestLimits;
  readonly observer: RequestObserver;
  readonly nextRequestId: () => string;
  readonly monotonic: () => number;
  /** Lets others have the thread while a large body is parsed. */
  readonly breathe: () => Breather;
  /** Take the client's address from X-Forwarded-For. */
  readonly xForwarded: boolean;
  readonly https?: { readonly key: Buffer; readonly cert: Buffer };
  /** The requests that asked for a signal and aren't answered yet: aborted when the server stops, so long polls end. */
  readonly waiting: Set<AbortController>;
  readonly patience: Patience;
  /** The bodies of other servers that are in memory, of all listeners. */
  readonly bodies: HeldBodies;
}

/** Answers below this fit into what the system buffers: they are gone at once, whether the client takes them or not. */
const largeAnswer = 65_536;

const defaultBodyLimit = 1024 * 1024;

const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization, Date',
  'access-control-expose-headers': 'Synapse-Trace-Id, Server',
  server: 'Myelin',
} as const;

/** A Fastify instance that serves `routes` and nothing else. Client-Server API §2 (web browser clients, errors). */
export function createHttpServer(routes: readonly Route[], options: HttpServerOptions): FastifyInstance {
  const { patience } = options;
  const waiting = { headersTimeout: patience.headers, connectionsCheckingInterval: patience.checks };
  const send = (reply: FastifyReply, result: Answer): FastifyReply => sendAnswer(reply, result, patience);
  const server = Fastify({
    logger: false,
    trustProxy: options.xForwarded,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    // A large file over a slow line takes long; connections that fall silent are closed sooner (read-body.ts).
    requestTimeout: 3_600_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    ...(options.https ? { https: { ...options.https, ...waiting } } : { http: waiting }),
    clientErrorHandler: refuseConnection,
    // A path that Fastify can't decode, before any of our own code sees it.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      const refusal = new MatrixError('M_UNKNOWN', 'The path is not percent-encoded', { status: 400 });
      send(
        reply.headers(corsHeaders),
        errorToAnswer(refusal, () => {}),
      );
    },
  }) as unknown as FastifyInstance;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(corsHeaders);
    // Fastify refuses a Content-Type that it can't parse. Here nothing hangs on it but what media is served as.
    const type = request.raw.headers['content-type'];
    if (type !== undefined && type !== 'application/json')
      request.headers = { 'content-type': 'application/octet-stream' };
  });
  server.setErrorHandler(async (error, request, reply) => {
    const code = (error as { statusCode?: number }).statusCode;
    if (code !== undefined && code < 500) {
      return send(
        reply,
        errorToAnswer(new MatrixError('M_UNKNOWN', 'Bad request', { status: code }), () => {}),
      );
    }
    return send(
      reply,
      errorToAnswer(error, (fault) => options.observer.fault(undefined, request.id, fault)),
    );
  });
  const router = new Router<Respond>();
  const parser = new BodyParser(options.breathe);
  for (const each of routes) {
    const respond = responder(each, options, parser);
    for (const path of each.endpoint.paths) router.add(each.endpoint.method, path, respond);
  }
  const dispatch = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = pathOf(request.url);
    const found = router.find(request.method, path);
    if (found) return found.target(request, reply, found.params);
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return send(
      reply,
      new Answer(router.knows(path) ? 405 : 404, {
        object: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' },
      }),
    );
  };
  server.all('*', dispatch);
  // Methods that Fastify doesn't know.
  server.setNotFoundHandler(dispatch);
  return server;
}

/** Proxies may send the whole address. RFC 9112 §3.2.2. */
function pathOf(url: string): string {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}

type Respond = (request: FastifyRequest, reply: FastifyReply, params: Record<string, string>) => Promise<FastifyReply>;

function responder(each: Route, options: HttpServerOptions, parser: BodyParser): Respond {
  const { endpoint } = each;
  const route = new PreparedRoute(each, options.authenticator, options.servers, options.limits);
  const { observer } = options;
  const bodyLimit = endpoint.bodyLimit ?? defaultBodyLimit;

  async function readBytes(request: FastifyRequest, holding?: Holding): Promise<Buffer | undefined> {
    const raw = await readBody(request.raw, bodyLimit, options.patience, options.monotonic, holding);
    return raw.length === 0 && endpoint.allowEmptyBody ? undefined : raw;
  }

  async function readJson(request: FastifyRequest): Promise<unknown> {
    const raw = await readBytes(request);
    return raw && parser.parse(raw);
  }

  return async (request, reply, params) => {
    const id = options.nextRequestId();
    const start = options.monotonic();
    let user: string | undefined;
    observer.started(endpoint);
    const holding = new Holding(options.bodies, request.ip);
    let result: Answer;
    try {
      const call = {
        accessToken: accessToken(request),
        authorization: request.raw.headersDistinct['authorization'] ?? [],
        params,
        query: request.query,
        body: () => readJson(request),
        bytes: () => readBytes(request, holding),
        release: () => holding.release(),
        context: requestContext(request, reply, id, options),
      };
      result = await route.call(call, (userId) => (user = userId));
    } catch (error) {
      result = errorToAnswer(error, (fault) => observer.fault(endpoint, id, fault));
      // What is left of a refused body is read and dropped, so that the answer reaches the client.
      if (!request.raw.readableEnded) request.raw.resume();
      if (result.status === 408) reply.header('connection', 'close');
    } finally {
      holding.release();
    }
    observer.finished(endpoint, {
      id,
      status: result.status,
      milliseconds: options.monotonic() - start,
      user,
      ip: request.ip,
    });
    return sendAnswer(reply, result, options.patience, (fault) => observer.fault(endpoint, id, fault));
  };
}

/** Client-Server API §5.6: the Authorization header, or the old query parameter. */
function accessToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header?.startsWith('Bearer ')) return header.slice(7).trim();
  const query = (request.query as Record<string, unknown>)['access_token'];
  return typeof query === 'string' ? query : undefined;
}

function requestContext(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  { waiting, patience }: HttpServerOptions,
): RequestContext {
  let controller: AbortController | undefined;
  return {
    id,
    ip: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    headers: request.raw.headers,
    // Made on first use: only long polls and uploads ask for it.
    get signal() {
      if (!controller) {
        const own = new AbortController();
        controller = own;
        waiting.add(own);
        reply.raw.once('close', () => {
          waiting.delete(own);
          own.abort();
        });
      }
      return controller.signal;
    },
    chunks: () => bodyChunks(request.raw, patience),
    method: request.method,
    url: request.url,
    origin: `${request.protocol}://${request.host}`,
  };
}

function sendAnswer(
  reply: FastifyReply,
  result: Answer,
  { silence }: Patience,
  onFault: (fault: unknown) => void = () => {},
): FastifyReply {
  reply.code(result.status).headers(result.headers);
  const payload = result.payload;
  if ('bytes' in payload) return reply.send(payload.bytes);
  if ('pour' in payload) return pourAnswer(reply, payload.pour, silence, onFault);
  reply.header('content-type', 'application/json');
  // As bytes: to text Fastify's content type gets a charset, which clients that compare it don't expect.
  const text = Buffer.from('text' in payload ? payload.text : JSON.stringify(payload.object));
  if (text.length > largeAnswer) reply.raw.socket?.setTimeout(silence);
  return reply.send(text);
}
