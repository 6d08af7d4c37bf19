import { MatrixError } from '@myelin/api';
import { isMediaId, isServerName, parseMxc } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { MediaConfig } from '../../config/index.ts';
import type { Arrivals } from './arrivals.ts';
import type { FoundMedia, MediaRequest } from './found-media.ts';
import type { LastAccesses } from './last-accesses.ts';
import { contentPath, thumbnailFolder } from './media-paths.ts';
import type { LocalMedia, MediaStore } from './media-store.ts';
import { mediaNotFound } from './refusals.ts';
import { noRemoteMedia, type RemoteMedia } from './remote-media.ts';

export interface LibraryParts {
  readonly clock: Clock;
  readonly serverName: string;
  readonly config: MediaConfig;
  readonly store: MediaStore;
  readonly arrivals: Arrivals;
  readonly lastAccesses: LastAccesses;
}

/** Client-Server API, `timeout_ms`; the longest is Synapse's. */
const defaultTimeoutMs = 20_000;
const longestTimeoutMs = 60_000;
/** Another worker may take the file in without our hearing of it: who waits looks again so often. */
const lookAgainMs = 2_000;

/** Finds the files that somebody may see. */
export class Library {
  readonly #parts: LibraryParts;
  #remote: RemoteMedia = noRemoteMedia;

  constructor(parts: LibraryParts) {
    this.#parts = parts;
  }

  /** Lets files of other servers be found. */
  useRemote(remote: RemoteMedia): void {
    this.#remote = remote;
  }

  /** Throws M_NOT_FOUND, or M_NOT_YET_UPLOADED when the file of an announced id doesn't come in time. */
  async find(origin: string, mediaId: string, request: MediaRequest): Promise<FoundMedia> {
    const { serverName, config, lastAccesses } = this.#parts;
    if (!isServerName(origin)) throw new MatrixError('M_INVALID_PARAM', 'The server name is not valid');
    if (!isMediaId(mediaId)) throw mediaNotFound();
    if (origin !== serverName) {
      if (!request.allowRemote || config.preventDownloadsFrom.includes(origin)) throw mediaNotFound();
      return this.#remote.find(origin, mediaId, request);
    }
    const media = await this.#whenUploaded(mediaId, request);
    if (media.authenticated && config.authenticated && !request.authenticated) throw mediaNotFound();
    lastAccesses.note(mediaId);
    return {
      key: mediaId,
      content: media.content,
      path: contentPath(mediaId),
      thumbnailFolder: thumbnailFolder(mediaId),
    };
  }

  /** Size in bytes and type of a file of this server; undefined if it isn't here. */
  async describe(mxcUri: string): Promise<{ size: number; mimetype: string } | undefined> {
    const parts = parseMxc(mxcUri);
    if (parts?.serverName !== this.#parts.serverName) return undefined;
    const media = await this.#parts.store.find(parts.mediaId);
    if (!media?.content || media.quarantined) return undefined;
    return { size: media.content.length, mimetype: media.content.type };
  }

  async #whenUploaded(
    mediaId: string,
    { timeoutMs, request }: MediaRequest,
  ): Promise<LocalMedia & { content: object }> {
    const { clock, arrivals } = this.#parts;
    const found = await this.#visible(mediaId);
    if (isUploaded(found)) return found;
    const deadline = clock.monotonic() + Math.min(timeoutMs ?? defaultTimeoutMs, longestTimeoutMs);
    if (arrivals.isFull) throw notYetUploaded();
    const lookout = arrivals.lookOut(mediaId);
    try {
      for (;;) {
        const media = await this.#visible(mediaId);
        if (isUploaded(media)) return media;
        const left = deadline - clock.monotonic();
        if (left <= 0 || request.signal.aborted) throw notYetUploaded();
        await lookout.within(Math.min(left, lookAgainMs), request.signal);
      }
    } finally {
      lookout.end();
    }
  }

  async #visible(mediaId: string): Promise<LocalMedia> {
    const { store, clock, config } = this.#parts;
    const media = await store.find(mediaId);
    if (!media || media.quarantined) throw mediaNotFound();
    if (!media.content && media.createdTs < clock.now() - config.unusedExpirationMs) throw mediaNotFound();
    return media;
  }
}

function isUploaded(media: LocalMedia): media is LocalMedia & { content: object } {
  return media.content !== undefined;
}

function notYetUploaded(): MatrixError {
  return new MatrixError('M_NOT_YET_UPLOADED', 'Media has not been uploaded yet');
}
