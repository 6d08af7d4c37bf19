import { compileValidator, type Endpoint, type ResponseOf, type Validator } from '@myelin/api';
import { canonicalJson, CanonicalJsonError, isServerName, type JsonValue } from '@myelin/protocol';
import { Breather, randomFraction, type Clock, type Random, type Timers } from '@myelin/runtime';
import type { Destinations } from '../destinations/index.ts';
import { callPath } from './call-path.ts';
import type { CallInput, CallOptions, FederationClient, StreamedAnswer } from './federation-client.ts';
import { FederationError } from './federation-error.ts';
import type { FederationResponse, FederationTransport } from './federation-transport.ts';
import { bounded, readJson, refusalOf } from './read-answer.ts';
import type { RequestSigner } from './signed-request.ts';

/** Largest JSON answer, unless the caller says otherwise: the state of a large room. */
const defaultMaxBytes = 100 * 1024 * 1024;

export interface Retries {
  readonly most: number;
  readonly longestDelayMs: number;
}

export interface SigningClientParts {
  readonly transport: FederationTransport;
  readonly signer: RequestSigner;
  readonly destinations: Destinations;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly serverName: string;
  /** Whether `federation_domain_whitelist` lets us speak with it. */
  readonly isAllowed: (serverName: string) => boolean;
  readonly timeoutMs: number;
  readonly retries: { readonly short: Retries; readonly long: Retries };
  readonly userAgent: string;
}

/** Signs, sends, tries again, and remembers who doesn't answer. */
export class SigningFederationClient implements FederationClient {
  readonly #parts: SigningClientParts;
  readonly #validators = new Map<Endpoint, Validator>();

  constructor(parts: SigningClientParts) {
    this.#parts = parts;
  }

  async call<E extends Endpoint>(
    destination: string,
    endpoint: E,
    input: CallInput<E> = {},
    options: CallOptions = {},
  ): Promise<ResponseOf<E>> {
    return this.#inTime(destination, options, (signal) => this.#answer(destination, endpoint, input, options, signal));
  }

  #answer<E extends Endpoint>(
    destination: string,
    endpoint: E,
    input: CallInput<E>,
    options: CallOptions,
    signal: AbortSignal | undefined,
  ): Promise<ResponseOf<E>> {
    return this.#send(destination, endpoint, input, options, signal, async (response) => {
      if (response.status > 299) {
        response.cancel();
        throw new FederationError('bad-answer', destination, `${destination} answered ${response.status}`, {
          status: response.status,
        });
      }
      const { clock, timers } = this.#parts;
      const breathe = (): Breather => new Breather(clock, timers);
      const value = await readJson(destination, response, options.maxBytes ?? defaultMaxBytes, breathe);
      const problem = this.#validator(endpoint)(value);
      if (problem) {
        const message = `${destination} answered ${endpoint.id} with something else: ${problem.message}`;
        throw new FederationError('bad-answer', destination, message, { status: response.status });
      }
      return value as ResponseOf<E>;
    });
  }

  async stream<E extends Endpoint>(
    destination: string,
    endpoint: E,
    input: CallInput<E> = {},
    options: CallOptions = {},
  ): Promise<StreamedAnswer> {
    const { maxBytes = defaultMaxBytes } = options;
    return this.#send(destination, endpoint, input, options, options.signal, async ({ status, headers, body }) => ({
      status,
      headers,
      body: bounded(destination, body, maxBytes),
    }));
  }

  /** Ends by `longestMs` what is still under way. */
  async #inTime<Result>(
    destination: string,
    { longestMs, signal }: CallOptions,
    work: (signal: AbortSignal | undefined) => Promise<Result>,
  ): Promise<Result> {
    if (longestMs === undefined) return work(signal);
    const late = new AbortController();
    const alarm = this.#parts.timers.after(longestMs, () => {
      late.abort(new FederationError('unreachable', destination, `${destination} took too long`));
    });
    try {
      return await work(signal ? AbortSignal.any([signal, late.signal]) : late.signal);
    } finally {
      alarm.cancel();
    }
  }

  /** One call with its tries, ended by the signal; `read` gets an answer below 400. */
  async #send<E extends Endpoint, Result>(
    destination: string,
    endpoint: E,
    input: CallInput<E>,
    options: CallOptions,
    signal: AbortSignal | undefined,
    read: (response: FederationResponse) => Promise<Result>,
  ): Promise<Result> {
    await this.#checkAllowed(destination, options);
    const exchange = this.#prepare(destination, endpoint, input, options, signal);
    const retries = options.retries === 'none' ? undefined : this.#parts.retries[options.retries ?? 'short'];
    for (let tries = 0; ; tries++) {
      try {
        const response = await exchange();
        if (response.status >= 400) throw await refusalOf(destination, response);
        const result = await read(response);
        await this.#parts.destinations.reachable(destination);
        return result;
      } catch (error) {
        const failure = this.#failureOf(destination, error, options);
        if (!failure.isPassing || signal?.aborted || tries >= (retries?.most ?? 0)) {
          await this.#note(failure, options);
          throw failure;
        }
        await this.#pause(tries, retries?.longestDelayMs ?? 0, failure, signal).catch(() => {});
      }
    }
  }

  async #checkAllowed(destination: string, options: CallOptions): Promise<void> {
    const { isAllowed, serverName, destinations } = this.#parts;
    if (!isServerName(destination)) {
      throw new FederationError('not-allowed', destination, 'That is not a server name');
    }
    if (destination === serverName) {
      throw new FederationError('not-allowed', destination, 'This server does not call itself');
    }
    if (!isAllowed(destination)) {
      throw new FederationError('not-allowed', destination, `Federation with ${destination} is not allowed`);
    }
    if (options.ignoreBackoff) return;
    const retryAt = await destinations.retryAt(destination);
    if (retryAt !== undefined) {
      throw new FederationError(
        'backing-off',
        destination,
        `${destination} did not answer lately; not tried again yet`,
      );
    }
  }

  /** The request, signed once: a repetition is the same request. */
  #prepare<E extends Endpoint>(
    destination: string,
    endpoint: E,
    input: CallInput<E>,
    options: CallOptions,
    signal: AbortSignal | undefined,
  ): () => Promise<FederationResponse> {
    const { transport, signer, timeoutMs, userAgent } = this.#parts;
    const path = callPath(endpoint, input.params as never, input.query as never, options.pathIndex);
    const { method } = endpoint;
    const body = input.canonicalBody ?? canonicalBodyOf(destination, input.body);
    const headers: Record<string, string> = { 'user-agent': userAgent };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (endpoint.auth === 'server') {
      headers['authorization'] = signer.authorization({ method, uri: path, destination, content: body });
    }
    const request = {
      destination,
      method,
      path,
      headers,
      timeoutMs: Math.min(options.timeoutMs ?? timeoutMs, options.longestMs ?? Number.POSITIVE_INFINITY),
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    };
    return () => transport.exchange(request);
  }

  #failureOf(destination: string, error: unknown, { signal }: CallOptions): FederationError {
    // Given up by the caller: that says nothing of the other server.
    const isGivenUp = signal?.aborted === true;
    const failure =
      error instanceof FederationError
        ? error
        : new FederationError('unreachable', destination, `${destination} could not be reached`, { cause: error });
    if (isGivenUp) throw failure;
    return failure;
  }

  /** An answer that refuses shows a server that is there; not so 401, 429 and 5xx, as in Synapse. */
  async #note(
    { kind, destination, status, code }: FederationError,
    { forgetsFailure = false }: CallOptions,
  ): Promise<void> {
    const { destinations } = this.#parts;
    const isFault = status !== undefined && (status === 401 || status === 429 || status >= 500);
    // A 504 as well, but a server that waited in vain for an upload is there.
    const fails = kind === 'unreachable' || (isFault && code !== 'M_NOT_YET_UPLOADED');
    if (fails && forgetsFailure) return;
    if (fails) await destinations.failed(destination);
    else if (kind === 'refused' || kind === 'bad-answer') await destinations.reachable(destination);
  }

  async #pause(tries: number, longestMs: number, { details }: FederationError, signal?: AbortSignal): Promise<void> {
    const { timers, random } = this.#parts;
    const asked = details?.['retry_after_ms'];
    const wanted = Math.max(500 * 2 ** tries, typeof asked === 'number' ? asked : 0);
    await timers.sleep(Math.min(wanted, longestMs) * (0.8 + 0.4 * randomFraction(random)), signal);
  }

  #validator(endpoint: Endpoint): Validator {
    let validator = this.#validators.get(endpoint);
    if (!validator) {
      validator = compileValidator(endpoint.response as Exclude<Endpoint['response'], 'bytes'>);
      this.#validators.set(endpoint, validator);
    }
    return validator;
  }
}

function canonicalBodyOf(destination: string, body: unknown): string | undefined {
  if (body === undefined) return undefined;
  try {
    // Events of old room versions have numbers that the strict form doesn't know.
    return canonicalJson(body as JsonValue, 'lenient');
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error;
    throw new FederationError('not-allowed', destination, 'The request has no canonical JSON', { cause: error });
  }
}
