import { resolve } from 'node:path';
import type { Context } from './context.ts';

export interface MediaConfig {
  readonly enabled: boolean;
  /** Absolute. */
  readonly storePath: string;
  /** Whether media is kept in `storePath` (and not only in storage providers). */
  readonly localStorage: boolean;
  readonly maxUploadSize: number;
  /** Pictures with more pixels are not scaled. */
  readonly maxImagePixels: number;
  readonly maxPendingUploads: number;
  /** An asynchronous upload must have begun within it. */
  readonly unusedExpirationMs: number;
  readonly uploadLimits: readonly MediaUploadLimit[];
  readonly preventDownloadsFrom: readonly string[];
  readonly dynamicThumbnails: boolean;
  readonly thumbnailSizes: readonly ThumbnailSize[];
  /** undefined: for ever. */
  readonly localMediaLifetimeMs: number | undefined;
  readonly remoteMediaLifetimeMs: number | undefined;
  /** Whether new media is hidden from the paths without authentication. */
  readonly authenticated: boolean;
  readonly urlPreviews: boolean;
}

export interface ThumbnailSize {
  readonly width: number;
  readonly height: number;
  readonly method: 'crop' | 'scale';
}

export interface MediaUploadLimit {
  readonly maxBytes: number;
  readonly periodMs: number;
  readonly infoUri: string | undefined;
  readonly canUpgrade: boolean;
}

export function readMedia({ values, cwd }: Context): MediaConfig {
  return {
    enabled: values.boolean('enable_media_repo'),
    storePath: resolve(cwd, values.string('media_store_path')),
    localStorage: values.boolean('enable_local_media_storage'),
    maxUploadSize: values.size('max_upload_size'),
    maxImagePixels: values.size('max_image_pixels'),
    maxPendingUploads: values.integer('max_pending_media_uploads'),
    unusedExpirationMs: values.duration('unused_expiration_time'),
    uploadLimits: (values.items('media_upload_limits') ?? []).map((limit) => ({
      maxBytes: limit.size('max_size'),
      periodMs: limit.duration('time_period'),
      infoUri: limit.optionalString('info_uri'),
      canUpgrade: limit.boolean('can_upgrade'),
    })),
    preventDownloadsFrom: values.strings('prevent_media_downloads_from'),
    dynamicThumbnails: values.boolean('dynamic_thumbnails'),
    thumbnailSizes: (values.items('thumbnail_sizes') ?? []).map((size) => ({
      width: size.integer('width', 1, 16_384),
      height: size.integer('height', 1, 16_384),
      method: size.oneOf('method', ['crop', 'scale']),
    })),
    localMediaLifetimeMs: values.optionalDuration('media_retention.local_media_lifetime'),
    remoteMediaLifetimeMs: values.optionalDuration('media_retention.remote_media_lifetime'),
    authenticated: values.boolean('enable_authenticated_media'),
    urlPreviews: values.boolean('url_preview_enabled'),
  };
}
