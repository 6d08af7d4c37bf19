import type { RequestContext } from '../../../http/index.ts';
import type { UploadContent } from '../upload-content.ts';

/** Whoever sends nothing for so long is gone. */
const longestSilenceMs = 60_000;

/** The body of an upload and what its headers say. */
export function uploadedContent({ stream, headers }: RequestContext, name: string | undefined): UploadContent {
  const announced = headers['content-length'];
  // Node then closes the connection; once the answer is out it waits for the next request with a time of its own.
  stream.socket.setTimeout(longestSilenceMs);
  return {
    // An upload that is refused midway still gets its answer over this connection.
    body: stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
    announced: announced === undefined ? undefined : Number(announced),
    type: headers['content-type'] as string | undefined,
    name,
  };
}
