import type { getContentOverrideName } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MediaFiles } from '../files/media-files.ts';
import type { Library } from '../library.ts';
import { contentAnswer } from './content-answer.ts';

/** `allow_redirect` changes nothing: nobody is sent elsewhere. */
export function getContentOverrideNameHandler({
  library,
  files,
}: {
  library: Library;
  files: MediaFiles;
}): Handler<typeof getContentOverrideName> {
  return async ({ params, query, request }) => {
    const media = await library.find(params.serverName, params.mediaId, {
      authenticated: false,
      timeoutMs: query.timeout_ms,
      allowRemote: query.allow_remote ?? true,
      request,
    });
    return contentAnswer(files, media, request, params.fileName);
  };
}
