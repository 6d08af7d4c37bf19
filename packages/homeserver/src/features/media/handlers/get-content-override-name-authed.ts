import type { getContentOverrideNameAuthed } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MediaFiles } from '../files/media-files.ts';
import type { Library } from '../library.ts';
import { contentAnswer } from './content-answer.ts';

export function getContentOverrideNameAuthedHandler({
  library,
  files,
}: {
  library: Library;
  files: MediaFiles;
}): Handler<typeof getContentOverrideNameAuthed> {
  return async ({ params, query, request }) => {
    const media = await library.find(params.serverName, params.mediaId, {
      authenticated: true,
      timeoutMs: query.timeout_ms,
      allowRemote: true,
      request,
    });
    return contentAnswer(files, media, request, params.fileName);
  };
}
