import type { FileHandle } from 'node:fs/promises';

/** Bytes that are collected before they are written: fewer round trips, and at most two batches in memory. */
const batchSize = 256 * 1024;

/**
 * Writes a file batch by batch, the next one being collected while the last one is written. The memory of the chunks is
 * given back as soon as they are written: left to the garbage collector, an upload of some MB starts it.
 */
export class BatchedWriter {
  readonly #handle: FileHandle;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= batchSize) await this.#begin();
  }

  /** Resolves when all that was given is written. */
  async end(): Promise<void> {
    if (this.#size > 0) await this.#begin();
    await this.#writing;
  }

  async #begin(): Promise<void> {
    await this.#writing;
    const batch = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    this.#writing = writeAll(this.#handle, batch);
    // Told to whoever waits for it next, not to the process.
    this.#writing.catch(() => {});
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await handle.writev(chunks);
  // A full disk may take a part; what follows then says so.
  if (bytesWritten < size) await writeRest(handle, chunks, bytesWritten);
  for (const chunk of chunks) release(chunk);
}

async function writeRest(handle: FileHandle, chunks: readonly Uint8Array[], written: number): Promise<void> {
  const rest = Buffer.concat(chunks).subarray(written);
  for (let done = 0; done < rest.length;) {
    done += (await handle.write(rest, done, rest.length - done)).bytesWritten;
  }
}

/** Frees the memory of a chunk that has it to itself. */
function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
