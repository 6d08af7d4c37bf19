import type { Database } from '@myelin/database';
import { randomString, type Cancellable, type Runtime } from '@myelin/runtime';
import type { MediaConfig } from '../../config/index.ts';
import type { RateLimiter, Route } from '../../http/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import { Arrivals } from './arrivals.ts';
import type { MediaFiles } from './files/media-files.ts';
import { ProcessImages } from './images/process-images.ts';
import { LastAccesses } from './last-accesses.ts';
import { Library } from './library.ts';
import { MediaStore } from './media-store.ts';
import { MediaSource, type FetchElsewhere } from './remote/media-source.ts';
import { RemoteLibrary } from './remote/remote-library.ts';
import { RemoteMediaStore } from './remote/remote-media-store.ts';
import { MediaRetention } from './retention.ts';
import { mediaRoutes, serverMediaRoutes } from './routes.ts';
import { Thumbnails } from './thumbnails.ts';
import { Uploads } from './uploads.ts';

export interface MediaParts {
  readonly database: Database;
  readonly runtime: Runtime;
  readonly serverName: string;
  readonly config: MediaConfig;
  readonly files: MediaFiles;
  /** Without it, there is only this server's media. */
  readonly federation?: MediaFederation;
  /** Told what goes wrong in the background. */
  readonly onProblem: (error: unknown, what: string) => void;
}

/** The way to the media of other servers. */
export interface MediaFederation {
  readonly client: FederationClient;
  /** Whether this server speaks with another (`federation_domain_whitelist`). */
  readonly isAllowed: (server: string) => boolean;
  /** `remote_media_download_*`: bytes, by the address of who asks. */
  readonly limiter: RateLimiter;
  /** Without it, files that are kept elsewhere than on their server can't be had. */
  readonly fetchElsewhere?: FetchElsewhere;
}

/** The media of a running server. */
export interface Media {
  readonly routes: readonly Route[];
  /** For the listener resource `federation`. */
  readonly serverRoutes: readonly Route[];
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
  const library = new Library({ ...parts, clock, store, arrivals, lastAccesses });
  const remoteStore = new RemoteMediaStore(database);
  const remoteAccesses = new LastAccesses(remoteStore, clock);
  const remote =
    parts.federation &&
    new RemoteLibrary({
      ...parts,
      ...parts.federation,
      clock,
      random,
      store: remoteStore,
      lastAccesses: remoteAccesses,
      source: new MediaSource(parts.federation.client, clock, parts.federation.fetchElsewhere),
    });
  if (remote) library.useRemote(remote);
  const retention = new MediaRetention({ ...parts, clock, store, remoteStore });
  const uploads = new Uploads({ ...parts, clock, random, store, images, arrivals });
  const thumbnails = new Thumbnails({ config, files, images });

  async function noteAccesses(): Promise<void> {
    await lastAccesses.write();
    await remoteAccesses.write();
  }

  async function tidy(): Promise<void> {
    await files.tidy();
    await noteAccesses();
    await retention.run();
    const before = clock.now() - config.unusedExpirationMs - graceMs;
    while ((await store.removeAwaited(before, removedAtOnce)) === removedAtOnce);
  }

  const regular: Cancellable[] = [
    timers.every(
      lastAccessesEveryMs,
      () => void noteAccesses().catch((error) => onProblem(error, 'noting when media was read')),
    ),
    timers.every(upkeepEveryMs, () => void tidy().catch((error) => onProblem(error, 'tidying up media'))),
  ];
  return {
    routes: mediaRoutes({ uploads, library, thumbnails, files, maxUploadSize: config.maxUploadSize }),
    serverRoutes: serverMediaRoutes({
      serverName: parts.serverName,
      library,
      thumbnails,
      files,
      newBoundary: () => randomString(random, 32),
    }),
    library,
    async stop() {
      for (const each of regular) each.cancel();
      await remote?.stop();
      await thumbnails.settle();
      await images.stop();
      await noteAccesses().catch((error) => onProblem(error, 'noting when media was read'));
    },
  };
}
