import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MediaFiles } from '../files/media-files.ts';
import type { Library } from '../library.ts';
import { mediaNotFound } from '../refusals.ts';
import { partsAnswer, type Boundary } from './parts-answer.ts';

export interface ServerMediaServices {
  readonly serverName: string;
  readonly library: Library;
  readonly files: MediaFiles;
  readonly newBoundary: () => Boundary;
}

export function getContentForServerHandler({
  serverName,
  library,
  files,
  newBoundary,
}: ServerMediaServices): Handler<typeof federation.getContent> {
  return async ({ params, query, request }) => {
    const media = await library.find(serverName, params.mediaId, {
      authenticated: true,
      timeoutMs: query.timeout_ms,
      allowRemote: false,
      request,
    });
    const file = await files.open(media.path);
    if (!file) throw mediaNotFound();
    const { type, name } = media.content;
    return partsAnswer(newBoundary(), await file.content(), { type, name, size: file.size });
  };
}
