import { Answer, type Pour } from '../../../http/index.ts';
import { contentDisposition } from '../content-headers.ts';

/** Long enough that no file holds it by chance. */
export type Boundary = string;

/**
 * A file as other servers get it: a part with metadata, of which there is none yet, then the file. Server-Server API
 * §"Content Repository".
 */
export function partsAnswer(
  boundary: Boundary,
  content: Uint8Array | Pour,
  { type, size, name }: { readonly type: string; readonly size: number; readonly name: string | undefined },
): Answer {
  const head = Buffer.from(
    `--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${boundary}\r\nContent-Type: ${type}\r\n` +
      `Content-Disposition: ${contentDisposition('attachment', name)}\r\n\r\n`,
    'latin1',
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  const headers = {
    'content-type': `multipart/mixed; boundary=${boundary}`,
    'content-length': String(head.length + size + tail.length),
    'cache-control': 'no-store',
  };
  const pour: Pour = async (write) => {
    if (!(await write(head))) return;
    if (content instanceof Uint8Array) await write(content);
    else await content(write);
    await write(tail);
  };
  return new Answer(200, { pour }, headers);
}
