import { createHash } from 'node:crypto';
import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import type { MediaFiles } from '../files/media-files.ts';
import type { ReceivedContent } from '../media-store.ts';
import { unlessCreeping } from './lowest-speed.ts';
import type { IncomingFile } from './media-source.ts';

/** Puts a file under a path. Throws M_TOO_LARGE, or a 502 for one that creeps; nothing is left then. */
export async function receiveFile(
  { body, type, name, announced }: IncomingFile,
  files: MediaFiles,
  path: string,
  { largest, clock }: { readonly largest: number; readonly clock: Clock },
): Promise<ReceivedContent> {
  // What is announced of an answer in parts is a little more than the file.
  if (announced !== undefined && announced > largest + 128 * 1024) throw tooLarge();
  const hash = createHash('sha256');
  let length = 0;
  const file = await files.create();
  try {
    for await (const chunk of unlessCreeping(unlessCutOff(body), clock)) {
      length += chunk.length;
      if (length > largest) throw tooLarge();
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.finish(path);
  } finally {
    await file.discard();
  }
  return { type, name, length, sha256: hash.digest() };
}

/** Whatever goes wrong on the way is the other side's. */
async function* unlessCutOff(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error: unknown) => {
        if (error instanceof MatrixError) throw error;
        throw new MatrixError('M_UNKNOWN', 'The remote media was cut off', { status: 502 });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** As with Synapse: it isn't the client that sends too much. */
function tooLarge(): MatrixError {
  return new MatrixError('M_TOO_LARGE', 'The remote media is too large', { status: 502 });
}
