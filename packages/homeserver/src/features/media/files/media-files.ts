import type { Pour } from '../../../http/index.ts';

/**
 * Where the bytes of media are kept, by paths such as `local_content/ab/cd/efgh…`: a folder, memory, later an object
 * storage. Paths are made by `media-paths.ts` alone.
 */
export interface MediaFiles {
  /** Makes sure that files can be kept. Its errors are for the administrator. */
  start(): Promise<void>;
  /** Removes what writes left that were never finished nor discarded. */
  tidy(): Promise<void>;
  /** Begins a file. Nobody sees it before `finish`. */
  create(): Promise<NewFile>;
  /** Undefined: there is no such file. */
  open(path: string): Promise<StoredFile | undefined>;
  /** Removes a file; it's all right if there is none. */
  remove(path: string): Promise<void>;
  /** Names of the files in a folder; none if there is no such folder. */
  list(folder: string): Promise<string[]>;
}

export interface NewFile {
  /** Takes the next bytes; resolves when more may come. The chunk's memory is the file's then, which may free it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when the whole file is safely under its path. A file that was there before is replaced. */
  finish(path: string): Promise<void>;
  /** Gives the file up. Harmless after `finish`. */
  discard(): Promise<void>;
}

/** A file that was found. One of the methods that read must be called, or `close`. */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** The whole file if it is small, otherwise piece by piece. */
  content(): Promise<Uint8Array | Pour>;
  /** For programs that read the file themselves: its path on this machine, or its bytes. */
  source(): Promise<string | Uint8Array>;
  close(): Promise<void>;
}
