import type { uploadContent } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Uploads } from '../uploads.ts';
import { uploadedContent } from './uploaded-content.ts';

export function uploadContentHandler({ uploads }: { uploads: Uploads }): Handler<typeof uploadContent> {
  return async ({ query, requester, request }) => ({
    content_uri: await uploads.upload(requester, uploadedContent(request, query.filename)),
  });
}
