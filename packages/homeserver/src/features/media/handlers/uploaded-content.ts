import { bodyChunks, type RequestContext } from '../../../http/index.ts';
import type { UploadContent } from '../upload-content.ts';

/** The body of an upload and what its headers say. */
export function uploadedContent({ stream, headers }: RequestContext, name: string | undefined): UploadContent {
  const announced = headers['content-length'];
  return {
    body: bodyChunks(stream),
    announced: announced === undefined ? undefined : Number(announced),
    type: headers['content-type'] as string | undefined,
    name,
  };
}
