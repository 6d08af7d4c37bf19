import type { getContentThumbnail } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Library } from '../library.ts';
import type { Thumbnails } from '../thumbnails.ts';
import { thumbnailAnswer } from './content-answer.ts';

/** `allow_redirect` changes nothing: nobody is sent elsewhere. */
export function getContentThumbnailHandler({
  library,
  thumbnails,
}: {
  library: Library;
  thumbnails: Thumbnails;
}): Handler<typeof getContentThumbnail> {
  return async ({ params, query, request }) => {
    const media = await library.find(params.serverName, params.mediaId, {
      authenticated: false,
      timeoutMs: query.timeout_ms,
      allowRemote: query.allow_remote ?? true,
      request,
    });
    return thumbnailAnswer(thumbnails, media, request, query);
  };
}
