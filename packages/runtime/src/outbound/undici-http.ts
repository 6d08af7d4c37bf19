import type { SecureContext, SecureVersion } from 'node:tls';
import { LRUCache } from 'lru-cache';
import type { Dispatcher, Pool } from 'undici';
import type { AddressRules } from './address-rules.ts';
import { connectTo, type ConnectParts, type Target } from './connect.ts';
import { OutboundError, type OutboundHttp, type OutboundRequest, type OutboundResponse } from './outbound-http.ts';
import type { ProxyRules } from './proxy-rules.ts';
import type { Resolver } from './resolver.ts';
import { nodeTls } from './node-tls.ts';
import { trustedAuthorities } from './trusted-authorities.ts';

export interface UndiciHttpOptions {
  readonly resolver: Resolver;
  readonly rules: AddressRules;
  readonly proxies: ProxyRules;
  readonly tls?: {
    /** PEM texts of the authorities to trust instead of the system's and Node's. */
    readonly authorities?: readonly string[];
    readonly minimumVersion?: SecureVersion;
    /** Whether the certificate of a name is looked at; always, if not given. */
    readonly verifies?: (name: string) => boolean;
  };
  /** Connections to one place at a time. */
  readonly connections?: number;
}

/** Connections to one place, and how something is asked over them. */
interface Place {
  readonly pool: Pool;
  readonly request: (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;
}

/** Places to which connections are kept open. */
const mostPlaces = 500;
/** Idle connections are closed after so many ms. */
const idleMs = 20_000;

/** Outbound HTTP over the real network. */
export class UndiciHttp implements OutboundHttp {
  readonly #options: UndiciHttpOptions;
  readonly #connect: ConnectParts;
  readonly #places = new LRUCache<string, Promise<Place>>({
    max: mostPlaces,
    dispose: (place) => void place.then(({ pool }) => pool.close()).catch(() => {}),
  });
  /** What is under way; ended by `close`. */
  readonly #live = new Set<AbortController>();
  #isClosed = false;
  /** For certificates that are looked at, and for those that aren't. */
  readonly #secureContexts = new Map<boolean, Promise<SecureContext>>();

  constructor(options: UndiciHttpOptions) {
    this.#options = options;
    const { resolver, rules } = options;
    this.#connect = { resolver, rules, secureContext: (verify) => this.#secureContext(verify) };
  }

  async request(request: OutboundRequest): Promise<OutboundResponse> {
    let url = parseUrl(request.url);
    const { timeoutMs, longestMs = timeoutMs * 10 } = request;
    const end = performance.now() + longestMs;
    for (let redirects = 0; ; redirects++) {
      const left = { longestMs: Math.max(end - performance.now(), 0) };
      const response = await this.#once(url, { ...(redirects === 0 ? request : redirected(request)), ...left });
      const location = redirectOf(response, request);
      if (location === undefined) return response;
      response.cancel();
      if (redirects >= (request.redirects ?? 0)) throw new OutboundError('redirect', 'There are too many redirects');
      const next = parseUrl(location, url);
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new OutboundError('redirect', 'A redirect leads to where there is no TLS');
      }
      url = next;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#live) controller.abort(stopped());
    const places = [...this.#places.values()];
    await Promise.all(places.map((place) => place.then(({ pool }) => pool.destroy()).catch(() => {})));
  }

  async #once(url: URL, request: OutboundRequest & { readonly longestMs: number }): Promise<OutboundResponse> {
    const { timeoutMs, longestMs } = request;
    // Ends the exchange at whatever stage it is.
    const { controller, done } = this.#started(longestMs, new OutboundError('failed', 'It took too long'));
    const abort = (): void => controller.abort(request.signal?.reason);
    request.signal?.addEventListener('abort', abort, { once: true });
    const end = (): void => {
      done();
      request.signal?.removeEventListener('abort', abort);
    };
    try {
      if (request.signal?.aborted) abort();
      controller.signal.throwIfAborted();
      const place = await this.#place(this.#targetOf(url, request), timeoutMs);
      const answer = await place.request({
        method: request.method as Dispatcher.HttpMethod,
        path: request.path ?? `${url.pathname}${url.search}`,
        headers: { host: url.host, ...request.headers },
        body: request.body ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal: controller.signal,
      });
      answer.body.once('close', end);
      return {
        status: answer.statusCode,
        headers: joined(answer.headers),
        body: answer.body,
        cancel: () => answer.body.on('error', () => {}).destroy(),
        url: url.href,
      };
    } catch (error) {
      end();
      throw asOutboundError(error, url);
    }
  }

  /** Something that is ended after a time, or by `close`, unless it is done before. */
  #started(longestMs: number, late: OutboundError): { controller: AbortController; done: () => void } {
    const controller = new AbortController();
    if (this.#isClosed) controller.abort(stopped());
    const deadline = setTimeout(() => controller.abort(late), longestMs);
    deadline.unref();
    this.#live.add(controller);
    const done = (): void => {
      clearTimeout(deadline);
      this.#live.delete(controller);
    };
    return { controller, done };
  }

  #targetOf(url: URL, request: OutboundRequest): Target {
    const protocol = url.protocol as Target['protocol'];
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port);
    const tlsName = (request.tlsName ?? host).replace(/^\[|\]$/g, '');
    const verify = this.#options.tls?.verifies?.(tlsName) ?? true;
    return { protocol, host, port, tlsName, verify, proxy: this.#options.proxies.proxyFor(protocol, host, port) };
  }

  /** One for all requests that may share connections. */
  #place(target: Target, timeoutMs: number): Promise<Place> {
    const { protocol, host, port, tlsName } = target;
    const key = JSON.stringify([protocol, host, port, tlsName]);
    let place = this.#places.get(key);
    if (!place) {
      place = this.#openPlace(target, timeoutMs);
      this.#places.set(key, place);
    }
    return place;
  }

  async #openPlace(target: Target, timeoutMs: number): Promise<Place> {
    // Take a while to load, and all of undici three times as long: a server that calls nobody starts without them.
    const { default: UndiciPool } = await import('undici/lib/dispatcher/pool.js');
    const { default: request } = await import('undici/lib/api/api-request.js');
    const { host, port, protocol } = target;
    const pool = new UndiciPool(`${protocol}//${host.includes(':') ? `[${host}]` : host}:${port}`, {
      connections: this.#options.connections ?? 16,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: idleMs,
      connect: (_options, callback) => {
        const late = new OutboundError('no-connection', `No connection to ${host} port ${port} in time`);
        const { controller, done } = this.#started(timeoutMs, late);
        connectTo(target, this.#connect, controller.signal)
          .finally(done)
          .then(
            (socket) => callback(null, socket),
            (error: unknown) => callback(asOutboundError(error, undefined), null),
          );
      },
    });
    return { pool, request: (options) => request.call(pool, options) };
  }

  #secureContext(verify: boolean): Promise<SecureContext> {
    let context = this.#secureContexts.get(verify);
    if (!context) {
      context = this.#createSecureContext(verify);
      this.#secureContexts.set(verify, context);
    }
    return context;
  }

  async #createSecureContext(verify: boolean): Promise<SecureContext> {
    const { authorities, minimumVersion } = this.#options.tls ?? {};
    return nodeTls().createSecureContext({
      // Reading all authorities takes 50 ms; where nothing is looked at, none is needed. Without a list, Node takes its own.
      ca: verify ? [...(authorities ?? (await trustedAuthorities()))] : [],
      ...(minimumVersion ? { minVersion: minimumVersion } : {}),
      // OpenSSL takes the old versions only at its lowest level of security.
      ...(minimumVersion === 'TLSv1' || minimumVersion === 'TLSv1.1' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    });
  }
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new OutboundError(base ? 'redirect' : 'failed', 'That is not an address of the web');
  }
  return url;
}

/** What is sent on to another place: nothing that was meant for the first. */
function redirected({ method, timeoutMs, signal, redirects, headers }: OutboundRequest): OutboundRequest {
  const userAgent = headers?.['user-agent'];
  return {
    url: '',
    method,
    timeoutMs,
    ...(userAgent === undefined ? {} : { headers: { 'user-agent': userAgent } }),
    ...(signal === undefined ? {} : { signal }),
    ...(redirects === undefined ? {} : { redirects }),
  };
}

function redirectOf(response: OutboundResponse, request: OutboundRequest): string | undefined {
  if (request.redirects === undefined || request.method !== 'GET') return undefined;
  return [301, 302, 303, 307, 308].includes(response.status) ? response.headers['location'] : undefined;
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) all[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return all;
}

function stopped(): OutboundError {
  return new OutboundError('failed', 'The server stops');
}

function asOutboundError(error: unknown, url: URL | undefined): OutboundError {
  if (error instanceof OutboundError) return error;
  return new OutboundError('failed', `No answer${url ? ` from ${url.host}` : ''}`, error);
}
