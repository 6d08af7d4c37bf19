import type { getContentThumbnailAuthed } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Library } from '../library.ts';
import type { Thumbnails } from '../thumbnails.ts';
import { thumbnailAnswer } from './content-answer.ts';

export function getContentThumbnailAuthedHandler({
  library,
  thumbnails,
}: {
  library: Library;
  thumbnails: Thumbnails;
}): Handler<typeof getContentThumbnailAuthed> {
  return async ({ params, query, request }) => {
    const media = await library.find(params.serverName, params.mediaId, {
      authenticated: true,
      timeoutMs: query.timeout_ms,
      allowRemote: true,
      request,
    });
    return thumbnailAnswer(thumbnails, media, request, query);
  };
}
