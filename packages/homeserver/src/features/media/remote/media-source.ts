import { federation, getContent, MatrixError } from '@myelin/api';
import { FederationError, type FederationClient } from '../../federation-client/index.ts';
import { nameOf, typeOf } from './file-headers.ts';
import type { Clock } from '@myelin/runtime';
import { boundaryOf, MultipartError, readFilePart } from './multipart.ts';
import { unlessCreeping } from './lowest-speed.ts';

/** A file as it comes from elsewhere. */
export interface IncomingFile {
  readonly type: string;
  readonly name: string | undefined;
  /** Bytes that were announced, if they were; of an answer in parts a little more than the file has. */
  readonly announced: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface FetchOptions {
  /** How long the other server waits for a file that is only announced, in ms. */
  readonly timeoutMs: number;
  /** Bytes. */
  readonly largest: number;
  readonly signal: AbortSignal;
}

/** Gets what another server says is elsewhere (a redirect to a storage), by the one client that checks addresses. */
export type FetchElsewhere = (
  url: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}>;

/** Besides the file itself, in bytes. */
const partsOverhead = 128 * 1024;
/** For the head of an answer, and for each next part of the file, beyond what the other server waits. In ms. */
const patienceMs = 20_000;
const longestUrl = 8_192;

/**
 * Gets files from the servers that they are of. Server-Server API §"Content Repository". Answers that aren't read to
 * their end are ended by the signal.
 */
export class MediaSource {
  readonly #client: FederationClient;
  readonly #clock: Clock;
  readonly #elsewhere: FetchElsewhere | undefined;

  constructor(client: FederationClient, clock: Clock, elsewhere: FetchElsewhere | undefined) {
    this.#clock = clock;
    this.#client = client;
    this.#elsewhere = elsewhere;
  }

  /** Throws FederationError, MultipartError, MatrixError. */
  async fetch(origin: string, mediaId: string, options: FetchOptions): Promise<IncomingFile> {
    try {
      return await this.#signed(origin, mediaId, options);
    } catch (error) {
      if (!isUnrecognized(error)) throw error;
    }
    try {
      return await this.#old(origin, mediaId, options, 0);
    } catch (error) {
      if (!isUnrecognized(error)) throw error;
      return this.#old(origin, mediaId, options, 1);
    }
  }

  async #signed(origin: string, mediaId: string, options: FetchOptions): Promise<IncomingFile> {
    const { headers, body } = await this.#client.stream(
      origin,
      federation.getContent,
      { params: { mediaId }, query: { timeout_ms: options.timeoutMs } },
      callOptions(options),
    );
    const boundary = boundaryOf(headers['content-type']);
    if (boundary === undefined) throw new MultipartError('The answer is not in parts');
    const part = await readFilePart(unlessCreeping(body, this.#clock), boundary);
    const location = part.headers.get('location');
    if (location !== undefined) return this.#redirected(location, options);
    return {
      type: typeOf(part.headers.get('content-type')),
      name: nameOf(part.headers.get('content-disposition')),
      announced: lengthOf(headers['content-length']),
      body: part.body,
    };
  }

  /** As it was before servers authenticated themselves. */
  async #old(origin: string, mediaId: string, options: FetchOptions, pathIndex: number): Promise<IncomingFile> {
    const answer = await this.#client.stream(
      origin,
      getContent,
      {
        params: { serverName: origin, mediaId },
        query: { allow_remote: false, allow_redirect: true, timeout_ms: options.timeoutMs },
      },
      { ...callOptions(options), pathIndex },
    );
    const { status, headers, body } = answer;
    return status >= 300 ? this.#redirected(headers['location'] ?? '', options) : incoming(headers, body);
  }

  async #redirected(location: string, { timeoutMs, signal }: FetchOptions): Promise<IncomingFile> {
    if (!this.#elsewhere || location.length > longestUrl || !/^https?:\/\//i.test(location) || !URL.canParse(location))
      throw new MultipartError('The file is said to be where it can not be fetched');
    const { status, headers, body } = await this.#elsewhere(location, { timeoutMs: timeoutMs + patienceMs, signal });
    if (status === 200) return incoming(headers, body);
    throw new MatrixError('M_UNKNOWN', 'Failed to fetch remote media', { status: 502 });
  }
}

function incoming(headers: Readonly<Record<string, string>>, body: AsyncIterable<Uint8Array>): IncomingFile {
  return {
    type: typeOf(headers['content-type']),
    name: nameOf(headers['content-disposition']),
    announced: lengthOf(headers['content-length']),
    body,
  };
}

function callOptions({ timeoutMs, largest, signal }: FetchOptions) {
  return {
    timeoutMs: timeoutMs + patienceMs,
    maxBytes: largest + partsOverhead,
    retries: 'none',
    signal,
  } as const;
}

function lengthOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

function isUnrecognized(error: unknown): boolean {
  if (!(error instanceof FederationError) || error.kind !== 'refused') return false;
  if (error.code === 'M_UNRECOGNIZED' || error.status === 405) return true;
  // Without a code it isn't what the endpoint answers, but somebody before it.
  return error.code === undefined && (error.status === 404 || error.status === 400);
}
