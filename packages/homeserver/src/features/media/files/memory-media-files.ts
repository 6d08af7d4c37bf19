import type { MediaFiles, NewFile, StoredFile } from './media-files.ts';

/** Media in memory: for the simulator and for tests. What is finished stays, as on a disk that keeps what was synced. */
export class MemoryMediaFiles implements MediaFiles {
  readonly #files = new Map<string, Uint8Array>();

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  async start(): Promise<void> {}

  async tidy(): Promise<void> {}

  async create(): Promise<NewFile> {
    const chunks: Uint8Array[] = [];
    return {
      write: async (chunk) => void chunks.push(chunk),
      finish: async (path) => void this.#files.set(path, Buffer.concat(chunks)),
      discard: async () => void (chunks.length = 0),
    };
  }

  async open(path: string): Promise<StoredFile | undefined> {
    const bytes = this.#files.get(path);
    if (!bytes) return undefined;
    return { size: bytes.length, content: async () => bytes, source: async () => bytes, close: async () => {} };
  }

  async remove(path: string): Promise<void> {
    this.#files.delete(path);
  }

  async list(folder: string): Promise<string[]> {
    const prefix = `${folder}/`;
    return this.paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  }
}
