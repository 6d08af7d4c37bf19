import { createHash } from 'node:crypto';
import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import type { NewFile } from './files/media-files.ts';
import { uploadTooLarge } from './refusals.ts';

/** What a client sends to be kept. */
export interface UploadContent {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that were announced (Content-Length), if they were. */
  readonly announced: number | undefined;
  /** The Content-Type header. */
  readonly type: string | undefined;
  readonly name: string | undefined;
}

/** An upload has this time in any case; after it, it must have come at this speed (bytes in a second). */
const graceMs = 300_000;
const slowestRate = 1024;

const longestType = 256;
const longestName = 1024;

/** The type and the name to be kept; refuses what can't stand in a header. */
export function uploadFacts({ type, name }: UploadContent): { type: string; name: string | undefined } {
  if (type !== undefined && (type.length > longestType || !/^[\x20-\x7e]*$/.test(type))) {
    throw new MatrixError('M_INVALID_PARAM', 'The Content-Type is not valid');
  }
  if (name !== undefined && name.length > longestName)
    throw new MatrixError('M_INVALID_PARAM', 'The filename is too long');
  return { type: type?.trim() || 'application/octet-stream', name: name || undefined };
}

/** Reads the body into the file, no further than `limit` bytes. */
export async function receive(
  { body }: UploadContent,
  file: NewFile,
  limit: number,
  clock: Clock,
): Promise<{ length: number; sha256: Uint8Array }> {
  const hash = createHash('sha256');
  const started = clock.monotonic();
  let length = 0;
  for await (const chunk of unlessCutOff(body)) {
    length += chunk.length;
    if (length > limit) throw uploadTooLarge();
    const elapsed = clock.monotonic() - started;
    if (elapsed > graceMs && length < (elapsed / 1000) * slowestRate) {
      throw new MatrixError('M_UNKNOWN', 'The upload comes too slowly', { status: 408 });
    }
    hash.update(chunk);
    await file.write(chunk);
  }
  return { length, sha256: hash.digest() };
}

async function* unlessCutOff(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch(() => {
        throw new MatrixError('M_UNKNOWN', 'The upload was cut off');
      });
      if (done) return;
      yield value;
    }
  } finally {
    await chunks.return?.();
  }
}
