import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Thumbnails } from '../thumbnails.ts';
import { wantedThumbnail } from './content-answer.ts';
import type { ServerMediaServices } from './get-content-for-server.ts';
import { partsAnswer } from './parts-answer.ts';

export function getContentThumbnailForServerHandler({
  serverName,
  library,
  thumbnails,
  newBoundary,
}: ServerMediaServices & { readonly thumbnails: Thumbnails }): Handler<typeof federation.getContentThumbnail> {
  return async ({ params, query, request }) => {
    const media = await library.find(serverName, params.mediaId, {
      authenticated: true,
      timeoutMs: query.timeout_ms,
      allowRemote: false,
      request,
    });
    const thumbnail = await thumbnails.get(media, wantedThumbnail(query));
    const { type, size } = thumbnail;
    return partsAnswer(newBoundary(), await thumbnail.content(), { type, size, name: undefined });
  };
}
