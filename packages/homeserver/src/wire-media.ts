import type { Core } from './core.ts';
import { createMedia, DiskMediaFiles, type Media, type MediaFiles } from './features/media/index.ts';
import type { Log } from './observability/log.ts';

/** The media repository, or nothing with `enable_media_repo: false`. `files` takes the place of `media_store_path`. */
export async function wireMedia(core: Core, log: Log, files?: MediaFiles): Promise<Media | undefined> {
  const { config, runtime, database, serverName } = core;
  if (!config.media.enabled) return undefined;
  return createMedia({
    database,
    runtime,
    serverName,
    config: config.media,
    files: files ?? new DiskMediaFiles(config.media.storePath, runtime),
    onProblem: (err, what) => log.warn({ err }, `Media: ${what} failed`),
  });
}
