import type { FileHandle } from 'node:fs/promises';

/** Bytes that are collected before they are written: fewer round trips, and at most two batches in memory. */
const batchSize = 256 * 1024;

/** Writes a file batch by batch, the next one being collected while the last one is written. */
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
    const batch = this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    this.#writing = writeWhole(this.#handle, batch);
    // Told to whoever waits for it next, not to the process.
    this.#writing.catch(() => {});
  }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}
