import { Answer, type Pour, type RequestContext } from '../../../http/index.ts';
import { contentHeaders, hasCopy, notModifiedHeaders } from '../content-headers.ts';
import type { MediaFiles } from '../files/media-files.ts';
import type { FoundMedia } from '../found-media.ts';
import { mediaNotFound } from '../refusals.ts';
import type { Thumbnails } from '../thumbnails.ts';
import type { WantedThumbnail } from '../thumbnail-target.ts';

/** A file as the client gets it, under the name that it asks for if it does. */
export async function contentAnswer(
  files: MediaFiles,
  media: FoundMedia,
  request: RequestContext,
  name?: string,
): Promise<Answer> {
  if (hasCopy(request.headers['if-none-match'] as string | undefined)) return notModified();
  const file = await files.open(media.path);
  if (!file) throw mediaNotFound();
  return poured(await file.content(), contentHeaders(media.content.type, file.size, name || media.content.name));
}

/** What a thumbnail endpoint is asked. Methods other than `crop` count as `scale`. */
export interface ThumbnailQuery {
  readonly width: number;
  readonly height: number;
  readonly method?: string;
  readonly animated?: boolean;
}

export function wantedThumbnail({ width, height, method, animated = false }: ThumbnailQuery): WantedThumbnail {
  return { width, height, method: method?.toLowerCase() === 'crop' ? 'crop' : 'scale', animated };
}

export async function thumbnailAnswer(
  thumbnails: Thumbnails,
  media: FoundMedia,
  request: RequestContext,
  query: ThumbnailQuery,
): Promise<Answer> {
  if (hasCopy(request.headers['if-none-match'] as string | undefined)) return notModified();
  const thumbnail = await thumbnails.get(media, wantedThumbnail(query));
  const name = `thumbnail.${thumbnail.type.slice('image/'.length)}`;
  return poured(await thumbnail.content(), contentHeaders(thumbnail.type, thumbnail.size, name));
}

function poured(content: Uint8Array | Pour, headers: Record<string, string>): Answer {
  return new Answer(200, content instanceof Uint8Array ? { bytes: content } : { pour: content }, headers);
}

function notModified(): Answer {
  return new Answer(304, { bytes: undefined }, notModifiedHeaders());
}
