import type { RequestContext } from '../../../http/index.ts';
import type { UploadContent } from '../upload-content.ts';

/** The body of an upload and what its headers say. */
export function uploadedContent({ stream, headers }: RequestContext, name: string | undefined): UploadContent {
  const announced = headers['content-length'];
  return {
    // An upload that is refused midway still gets its answer over this connection.
    body: stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
    announced: announced === undefined ? undefined : Number(announced),
    type: headers['content-type'] as string | undefined,
    name,
  };
}
