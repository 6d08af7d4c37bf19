import { isMediaId, isServerName } from '@myelin/protocol';
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

/** Where Synapse keeps a copy of another server's file: `remote_content/SERVER/ab/cd/efgh…`. */
export function remoteContentPath(origin: string, fileId: string): string {
  return `remote_content/${checkedServer(origin)}/${spread(fileId)}`;
}

/** The folder of its thumbnails. */
export function remoteThumbnailFolder(origin: string, fileId: string): string {
  return `remote_thumbnail/${checkedServer(origin)}/${spread(fileId)}`;
}

/** `FOLDER/320-240-image-png-scale`, as Synapse names it. */
export function thumbnailPath(folder: string, { width, height, method, type }: ThumbnailTarget): string {
  return `${folder}/${width}-${height}-${type.replace('/', '-')}-${method}`;
}

/** Names of servers have no slashes, and no empty labels that would make `..`. */
function checkedServer(origin: string): string {
  if (!isServerName(origin)) throw new Error('Not the name of a server');
  return origin;
}

function spread(mediaId: string): string {
  if (!isMediaId(mediaId) || mediaId.length < 5) throw new Error('Not a media id that has a file');
  return `${mediaId.slice(0, 2)}/${mediaId.slice(2, 4)}/${mediaId.slice(4)}`;
}
