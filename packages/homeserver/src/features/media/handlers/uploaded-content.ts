import type { RequestContext } from '../../../http/index.ts';
import type { UploadContent } from '../upload-content.ts';

/** The body of an upload and what its headers say. */
export function uploadedContent(request: RequestContext, name: string | undefined): UploadContent {
  const { headers } = request;
  const announced = headers['content-length'];
  return {
    body: request.chunks(),
    announced: announced === undefined ? undefined : Number(announced),
    type: headers['content-type'] as string | undefined,
    name,
  };
}
