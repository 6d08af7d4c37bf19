import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { Pour } from '../../../http/index.ts';
import { BatchedWriter } from './batched-writer.ts';
import { BufferPool } from './buffer-pool.ts';
import type { MediaFiles, NewFile, StoredFile } from './media-files.ts';

/** Unfinished files are kept here, inside the store so that finishing them is a rename. */
const incoming = 'incoming';
/** Nobody writes a file for so long without adding to it: what is older was left by a server that died. */
const abandonedAfterMs = 3_600_000;
/** Up to this size a file is read at once; above it, in pieces of this size. */
const pieceSize = 256 * 1024;
/** Buffers of that size that are kept for the next download: 4 MiB. */
const mostBuffersKept = 16;

/**
 * Media in a folder (`media_store_path`), laid out as Synapse's, so that its store can be copied here. A file is
 * written apart, synced, renamed to its place, and the folders that now name it are synced.
 */
export class DiskMediaFiles implements MediaFiles {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #buffers = new BufferPool(pieceSize, mostBuffersKept);

  constructor(folder: string, { clock, random }: { clock: Clock; random: Random }) {
    this.#folder = folder;
    this.#clock = clock;
    this.#random = random;
  }

  async start(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      // On its own: a recursive one takes a read-only disk for a missing folder.
      await mkdir(join(this.#folder, incoming)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      const probe = await this.create();
      await probe.discard();
      await this.tidy();
    } catch (error) {
      throw new Error(`The folder for media (media_store_path) can't be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  async tidy(): Promise<void> {
    const folder = join(this.#folder, incoming);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      // What is gone meanwhile was finished or discarded.
      const facts = await stat(path).catch(() => undefined);
      if (facts && facts.mtimeMs < this.#clock.now() - abandonedAfterMs) await unlinkIfThere(path);
    }
  }

  async create(): Promise<NewFile> {
    const path = join(this.#folder, incoming, randomString(this.#random, 24));
    const handle = await open(path, 'wx', 0o640);
    return new DiskFile(handle, path, this.#folder);
  }

  async open(path: string): Promise<StoredFile | undefined> {
    const full = join(this.#folder, path);
    let handle: FileHandle;
    try {
      // A symbolic link in the store is the administrator's doing and is followed.
      handle = await open(full, constants.O_RDONLY);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      const facts = await handle.stat();
      if (facts.isFile()) return storedFile(handle, facts.size, full, this.#buffers);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  async remove(path: string): Promise<void> {
    await unlinkIfThere(join(this.#folder, path));
  }

  async list(folder: string): Promise<string[]> {
    try {
      return await readdir(join(this.#folder, folder));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

function storedFile(handle: FileHandle, size: number, path: string, buffers: BufferPool): StoredFile {
  return {
    size,
    async content(): Promise<Uint8Array | Pour> {
      if (size > pieceSize) return (write) => pourFile(handle, size, buffers, write);
      try {
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    },
    async source() {
      await handle.close();
      return path;
    },
    close: () => handle.close(),
  };
}

async function pourFile(
  handle: FileHandle,
  size: number,
  buffers: BufferPool,
  write: Parameters<Pour>[0],
): Promise<void> {
  const buffer = buffers.take();
  try {
    for (let done = 0; done < size;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - done), done);
      if (bytesRead === 0) throw new Error('A file of the media store has become shorter');
      // Not taken: the buffer may still be in use on its way out, so that nobody else gets it.
      if (!(await write(buffer.subarray(0, bytesRead)))) return;
      done += bytesRead;
    }
    buffers.giveBack(buffer);
  } finally {
    await handle.close();
  }
}

class DiskFile implements NewFile {
  readonly #handle: FileHandle;
  readonly #writer: BatchedWriter;
  readonly #path: string;
  readonly #root: string;
  #closed = false;
  #finished = false;

  constructor(handle: FileHandle, path: string, root: string) {
    this.#handle = handle;
    this.#writer = new BatchedWriter(handle);
    this.#path = path;
    this.#root = root;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#writer.write(chunk);
  }

  async finish(path: string): Promise<void> {
    await this.#writer.end();
    await this.#handle.datasync();
    await this.#close();
    const target = join(this.#root, path);
    const folder = dirname(target);
    const firstMade = await mkdir(folder, { recursive: true });
    await rename(this.#path, target);
    this.#finished = true;
    await syncFolders(folder, firstMade);
  }

  async discard(): Promise<void> {
    // A write that is under way ends before the file is closed under it.
    await this.#writer.end().catch(() => {});
    await this.#close().catch(() => {});
    if (!this.#finished) await unlinkIfThere(this.#path).catch(() => {});
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}

/** Syncs the folder that has a new entry, and those above it that have one because `firstMade` and what is in it is new. */
async function syncFolders(folder: string, firstMade: string | undefined): Promise<void> {
  // Windows can't sync folders.
  if (sep !== '/') return;
  const top = firstMade === undefined ? folder : dirname(firstMade);
  for (let each = folder; ; each = dirname(each)) {
    const handle = await open(each, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (each === top || each === dirname(each)) return;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
