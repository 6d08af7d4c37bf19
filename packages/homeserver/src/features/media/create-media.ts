import type { Database } from '@myelin/database';
import type { Cancellable, Runtime } from '@myelin/runtime';
import type { MediaConfig } from '../../config/index.ts';
import type { Route } from '../../http/index.ts';
import { Arrivals } from './arrivals.ts';
import type { MediaFiles } from './files/media-files.ts';
import { ProcessImages } from './images/process-images.ts';
import { LastAccesses } from './last-accesses.ts';
import { Library } from './library.ts';
import { MediaStore } from './media-store.ts';
import { noRemoteMedia } from './remote-media.ts';
import { mediaRoutes } from './routes.ts';
import { Thumbnails } from './thumbnails.ts';
import { Uploads } from './uploads.ts';

export interface MediaParts {
  readonly database: Database;
  readonly runtime: Runtime;
  readonly serverName: string;
  readonly config: MediaConfig;
  readonly files: MediaFiles;
  /** Told what goes wrong in the background. */
  readonly onProblem: (error: unknown, what: string) => void;
}

/** The media of a running server. */
export interface Media {
  readonly routes: readonly Route[];
  readonly library: Library;
  stop(): Promise<void>;
}

const lastAccessesEveryMs = 60_000;
const upkeepEveryMs = 3_600_000;
/** Announced ids stay known for so long after they have expired: an upload that had begun may still be on its way. */
const graceMs = 24 * 3_600_000;
const removedAtOnce = 1_000;

/** Puts the feature together and looks whether files can be kept. */
export async function createMedia(parts: MediaParts): Promise<Media> {
  const { database, runtime, config, files, onProblem } = parts;
  const { clock, random, timers } = runtime;
  await files.start();
  const store = new MediaStore(database);
  const arrivals = new Arrivals(timers);
  const images = new ProcessImages(timers, config.maxImagePixels);
  const lastAccesses = new LastAccesses(store, clock);
  const library = new Library({ ...parts, clock, store, arrivals, lastAccesses, remote: noRemoteMedia });
  const uploads = new Uploads({ ...parts, clock, random, store, images, arrivals });
  const thumbnails = new Thumbnails({ config, files, images });

  async function tidy(): Promise<void> {
    await files.tidy();
    const before = clock.now() - config.unusedExpirationMs - graceMs;
    while ((await store.removeAwaited(before, removedAtOnce)) === removedAtOnce);
  }

  const regular: Cancellable[] = [
    timers.every(
      lastAccessesEveryMs,
      () => void lastAccesses.write().catch((error) => onProblem(error, 'noting when media was read')),
    ),
    timers.every(upkeepEveryMs, () => void tidy().catch((error) => onProblem(error, 'tidying up media'))),
  ];
  return {
    routes: mediaRoutes({ uploads, library, thumbnails, files, maxUploadSize: config.maxUploadSize }),
    library,
    async stop() {
      for (const each of regular) each.cancel();
      await thumbnails.settle();
      await images.stop();
      await lastAccesses.write().catch((error) => onProblem(error, 'noting when media was read'));
    },
  };
}
