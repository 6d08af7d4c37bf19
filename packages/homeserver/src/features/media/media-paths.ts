import { isMediaId } from '@myelin/protocol';
import type { ThumbnailTarget } from './thumbnail-target.ts';

/**
 * Where Synapse keeps a file: `local_content/ab/cd/efgh…`. Only checked media ids become paths, so none leaves the
 * store (Client-Server API, "Content repository", Security considerations).
 */
export function contentPath(mediaId: string): string {
  return `local_content/${spread(mediaId)}`;
}

/** The folder of a file's thumbnails. */
export function thumbnailFolder(mediaId: string): string {
  return `local_thumbnails/${spread(mediaId)}`;
}

/** `FOLDER/320-240-image-png-scale`, as Synapse names it. */
export function thumbnailPath(folder: string, { width, height, method, type }: ThumbnailTarget): string {
  return `${folder}/${width}-${height}-${type.replace('/', '-')}-${method}`;
}

function spread(mediaId: string): string {
  if (!isMediaId(mediaId) || mediaId.length < 5) throw new Error('Not a media id that has a file');
  return `${mediaId.slice(0, 2)}/${mediaId.slice(2, 4)}/${mediaId.slice(4)}`;
}
