import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { OutboundError, randomString, type Clock, type Random } from '@myelin/runtime';
import type { MediaConfig } from '../../../config/index.ts';
import { limitExceeded, type RateLimiter } from '../../../http/index.ts';
import { FairSlots } from '../../../queues/index.ts';
import { FederationError } from '../../federation-client/index.ts';
import { sourceOf } from '../../server-keys/index.ts';
import type { MediaFiles } from '../files/media-files.ts';
import type { FoundMedia, MediaRequest } from '../found-media.ts';
import type { LastAccesses } from '../last-accesses.ts';
import { remoteContentPath, remoteThumbnailFolder } from '../media-paths.ts';
import { mediaNotFound, storageRefusal } from '../refusals.ts';
import type { RemoteMedia } from '../remote-media.ts';
import type { MediaSource } from './media-source.ts';
import { MultipartError } from './multipart.ts';
import { receiveFile } from './receive-file.ts';
import type { RemoteFile, RemoteMediaStore } from './remote-media-store.ts';

export interface RemoteLibraryParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: MediaConfig;
  readonly files: MediaFiles;
  readonly store: RemoteMediaStore;
  readonly lastAccesses: LastAccesses;
  readonly source: MediaSource;
  /** Whether this server speaks with another (`federation_domain_whitelist`). */
  readonly isAllowed: (server: string) => boolean;
  /** `remote_media_download_*`: bytes, by the address of who asks. */
  readonly limiter: RateLimiter;
}

const fileIdLength = 24;
/** Downloads at once, and those that wait: of all servers, and of those of one domain or network, of which anybody may have many. */
const places = { atOnce: 200, atOnceOfKey: 10, mostWaiting: 1_000, mostWaitingOfKey: 200 };
/** How long the other server is to wait for a file that is only announced, in ms. */
const defaultTimeoutMs = 20_000;
const longestTimeoutMs = 60_000;
const tryAgainMs = 1_000;

/** Files of other servers: copies are kept, what isn't here yet is fetched. */
export class RemoteLibrary implements RemoteMedia {
  readonly #parts: RemoteLibraryParts;
  /** By origin and media id: those who ask for the same file meanwhile get the same one. */
  readonly #fetching = new Map<string, Promise<RemoteFile>>();
  readonly #places = new FairSlots(places);
  readonly #stopping = new AbortController();

  constructor(parts: RemoteLibraryParts) {
    this.#parts = parts;
  }

  async find(origin: string, mediaId: string, request: MediaRequest): Promise<FoundMedia> {
    const { isAllowed, lastAccesses } = this.#parts;
    if (!isAllowed(origin)) throw new MatrixError('M_FORBIDDEN', `Federation denied with ${origin}.`);
    const file = await this.#find(origin, mediaId, request);
    lastAccesses.note(file.fileId);
    return {
      key: `${origin}/${mediaId}`,
      content: file.content,
      path: remoteContentPath(origin, file.fileId),
      thumbnailFolder: remoteThumbnailFolder(origin, file.fileId),
    };
  }

  /** Gives up what is being fetched. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#fetching.values());
  }

  async #find(origin: string, mediaId: string, request: MediaRequest): Promise<RemoteFile> {
    const { store, config } = this.#parts;
    const known = await store.find(origin, mediaId);
    // Without a token there is only what was here before one was needed.
    if (config.authenticated && !request.authenticated && (!known || known.authenticated)) throw mediaNotFound();
    if (known?.quarantined) throw mediaNotFound();
    if (known && (await this.#isThere(known))) return known;
    const key = `${origin}/${mediaId}`;
    let fetching = this.#fetching.get(key);
    if (!fetching) {
      fetching = this.#inTurn(origin, () => this.#fetch(origin, mediaId, request, known)).finally(() =>
        this.#fetching.delete(key),
      );
      this.#fetching.set(key, fetching);
    }
    const file = await fetching;
    if (file.quarantined) throw mediaNotFound();
    return file;
  }

  async #inTurn(origin: string, fetch: () => Promise<RemoteFile>): Promise<RemoteFile> {
    const release = await this.#places.ask(sourceOf(origin)).place;
    try {
      if (!release || this.#stopping.signal.aborted) throw limitExceeded(tryAgainMs);
      return await fetch();
    } finally {
      release?.();
    }
  }

  async #isThere({ origin, fileId }: RemoteFile): Promise<boolean> {
    const file = await this.#parts.files.open(remoteContentPath(origin, fileId));
    await file?.close();
    return file !== undefined;
  }

  async #fetch(
    origin: string,
    mediaId: string,
    { timeoutMs, request }: MediaRequest,
    lost: RemoteFile | undefined,
  ): Promise<RemoteFile> {
    const { source, config, limiter, clock, files } = this.#parts;
    const largest = config.maxUploadSize;
    const fileId = randomString(this.#parts.random, fileIdLength);
    // Ends what isn't read of an answer.
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#stopping.signal]);
    try {
      const incoming = await source.fetch(origin, mediaId, {
        timeoutMs: Math.min(timeoutMs ?? defaultTimeoutMs, longestTimeoutMs),
        largest,
        signal,
      });
      limiter.check(request.ip, Math.min(incoming.announced ?? largest, largest));
      const path = remoteContentPath(origin, fileId);
      const content = await receiveFile(incoming, files, path, { largest, clock });
      return await this.#record(origin, mediaId, fileId, content, lost);
    } catch (error) {
      throw this.#stopping.signal.aborted ? failed() : refusal(error);
    } finally {
      done.abort();
    }
  }

  async #record(
    origin: string,
    mediaId: string,
    fileId: string,
    content: Awaited<ReturnType<typeof receiveFile>>,
    lost: RemoteFile | undefined,
  ): Promise<RemoteFile> {
    const { database, store, config, clock, files } = this.#parts;
    const file = { origin, mediaId, fileId, authenticated: config.authenticated, content };
    const isAdded = await database.transact(async (writer) => {
      if (lost) await store.remove(writer, lost);
      return store.add(writer, file, clock.now());
    });
    // Another worker was faster.
    if (!isAdded) await files.remove(remoteContentPath(origin, fileId)).catch(() => {});
    const stored = await store.find(origin, mediaId);
    if (!stored) throw mediaNotFound();
    return stored;
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof MultipartError || error instanceof OutboundError) return failed();
  if (!(error instanceof FederationError)) return storageRefusal(error);
  if (error.kind === 'refused' && error.code === 'M_NOT_YET_UPLOADED')
    return new MatrixError('M_NOT_YET_UPLOADED', 'Media has not been uploaded yet');
  if (error.kind === 'refused' && (error.status === 404 || error.status === 410)) return mediaNotFound();
  return failed();
}

function failed(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'Failed to fetch remote media', { status: 502 });
}
