import type { uploadContentToMXC } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Uploads } from '../uploads.ts';
import { uploadedContent } from './uploaded-content.ts';

export function uploadContentToMXCHandler({ uploads }: { uploads: Uploads }): Handler<typeof uploadContentToMXC> {
  return async ({ params, query, requester, request }) => {
    await uploads.uploadTo(requester, params.serverName, params.mediaId, uploadedContent(request, query.filename));
    return {};
  };
}
