import type { Database } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import type { MediaConfig } from '../../config/index.ts';
import type { MediaFiles } from './files/media-files.ts';
import { contentPath, remoteContentPath, remoteThumbnailFolder, thumbnailFolder } from './media-paths.ts';
import type { MediaStore } from './media-store.ts';
import type { RemoteMediaStore } from './remote/remote-media-store.ts';

export interface RetentionParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly config: Pick<MediaConfig, 'localMediaLifetimeMs' | 'remoteMediaLifetimeMs'>;
  readonly files: MediaFiles;
  readonly store: MediaStore;
  readonly remoteStore: RemoteMediaStore;
}

const slice = 200;

/** Deletes media that nobody has read for as long as `media_retention` says. */
export class MediaRetention {
  readonly #parts: RetentionParts;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { clock, config } = this.#parts;
    const { remoteMediaLifetimeMs: remote, localMediaLifetimeMs: local } = config;
    if (remote !== undefined) while (await this.#remote(clock.now() - remote));
    if (local !== undefined) while (await this.#local(clock.now() - local));
  }

  async #remote(before: number): Promise<boolean> {
    const { database, remoteStore } = this.#parts;
    const old = await remoteStore.unreadSince(before, slice);
    // Rows first: a file without a row does no harm.
    await database.transact(async (writer) => {
      for (const file of old) await remoteStore.remove(writer, file);
    });
    for (const { origin, fileId } of old)
      await this.#delete(remoteContentPath(origin, fileId), remoteThumbnailFolder(origin, fileId));
    return old.length === slice;
  }

  async #local(before: number): Promise<boolean> {
    const { database, store } = this.#parts;
    const old = await store.unreadSince(before, slice);
    await database.transact((writer) => store.remove(writer, old));
    for (const mediaId of old) await this.#delete(contentPath(mediaId), thumbnailFolder(mediaId));
    return old.length === slice;
  }

  async #delete(path: string, thumbnails: string): Promise<void> {
    const { files } = this.#parts;
    await files.remove(path);
    for (const name of await files.list(thumbnails)) await files.remove(`${thumbnails}/${name}`);
  }
}
