import { OutboundError, type Clock, type OutboundFailure, type OutboundHttp } from '@myelin/runtime';
import {
  FederationError,
  type FederationRequest,
  type FederationResponse,
  type FederationTransport,
} from '../federation-client/index.ts';
import type { ServerDiscovery } from './discovery.ts';
import type { Place } from './place.ts';

/** More places of one server aren't tried. */
const mostPlaces = 8;

/** Speaks HTTPS with the place that a server name leads to. */
export class HttpFederationTransport implements FederationTransport {
  readonly #http: OutboundHttp;
  readonly #discovery: ServerDiscovery;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(http: OutboundHttp, discovery: ServerDiscovery, clock: Pick<Clock, 'monotonic'>) {
    this.#http = http;
    this.#discovery = discovery;
    this.#clock = clock;
  }

  async exchange(request: FederationRequest): Promise<FederationResponse> {
    const { destination } = request;
    // To find out where it is goes on for those who ask later.
    const { places } = await unlessAborted(this.#discovery.resolve(destination), request.signal);
    const begin = this.#clock.monotonic();
    let failure: unknown;
    for (const place of places.slice(0, mostPlaces)) {
      request.signal?.throwIfAborted();
      // Places that keep silent cost no more together than one that does.
      if (this.#clock.monotonic() - begin > request.timeoutMs) break;
      try {
        return await this.#exchangeAt(place, request);
      } catch (error) {
        failure = error;
        // The request may have been heard there: another place would hear it a second time.
        if (!isBeforeRequest(error)) break;
      }
    }
    const denied = failure instanceof OutboundError && failure.kind === 'denied';
    const reason = failure instanceof Error ? failure.message : 'it says that it is nowhere';
    throw new FederationError(
      denied ? 'not-allowed' : 'unreachable',
      destination,
      `${destination} could not be reached: ${reason}`,
      { cause: failure },
    );
  }

  #exchangeAt(place: Place, request: FederationRequest): Promise<FederationResponse> {
    const { method, path, headers, body, timeoutMs, signal } = request;
    const host = place.host.includes(':') ? `[${place.host}]` : place.host;
    return this.#http.request({
      url: `https://${host}:${place.port}`,
      path,
      method,
      headers: { ...headers, host: place.hostHeader },
      tlsName: place.tlsName,
      timeoutMs,
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
  }
}

const beforeRequest: ReadonlySet<OutboundFailure> = new Set(['denied', 'not-found', 'no-connection', 'tls']);

function isBeforeRequest(error: unknown): boolean {
  return error instanceof OutboundError && beforeRequest.has(error.kind);
}

/** Rejects with the signal's reason if it comes first. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
