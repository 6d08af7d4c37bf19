import type { Core } from './core.ts';
import {
  createMedia,
  DiskMediaFiles,
  type FetchElsewhere,
  type Media,
  type MediaFiles,
} from './features/media/index.ts';
import { RateLimiter } from './http/index.ts';
import type { Log } from './observability/log.ts';
import type { FederationBase } from './wire-federation.ts';

/** From where a server says that a file is. */
const mostRedirects = 5;

/** The media repository, or nothing with `enable_media_repo: false`. `files` takes the place of `media_store_path`. */
export async function wireMedia(
  core: Core,
  log: Log,
  federation: Pick<FederationBase, 'client' | 'http'>,
  files?: MediaFiles,
): Promise<Media | undefined> {
  const { config, runtime, database, serverName } = core;
  if (!config.media.enabled) return undefined;
  const { domainWhitelist } = config.federation;
  const fetchElsewhere: FetchElsewhere = (url, options) =>
    federation.http.request({ url, method: 'GET', redirects: mostRedirects, ...options });
  return createMedia({
    database,
    runtime,
    serverName,
    config: config.media,
    federation: {
      client: federation.client,
      isAllowed: (server) => domainWhitelist?.has(server) ?? true,
      limiter: new RateLimiter(runtime.clock, config.rateLimits.remoteMediaDownload),
      fetchElsewhere,
    },
    files: files ?? new DiskMediaFiles(config.media.storePath, runtime),
    onProblem: (err, what) => log.warn({ err }, `Media: ${what} failed`),
  });
}
