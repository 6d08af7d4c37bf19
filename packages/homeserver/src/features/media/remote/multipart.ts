/** Bytes of the headers of one part, and of the part that tells about the file. */
const largestHead = 16_384;
const largestMetadata = 65_536;

/** The second part of an answer: the file, or where it is. */
export interface FilePart {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What isn't the multipart/mixed answer that it should be. */
export class MultipartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MultipartError';
  }
}

/** The boundary that a Content-Type names; undefined if it isn't multipart/mixed. RFC 2046 §5.1.1. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const [type = '', ...parameters] = (contentType ?? '').split(';');
  if (type.trim().toLowerCase() !== 'multipart/mixed') return undefined;
  for (const parameter of parameters) {
    const match = /^\s*boundary=(?:"([^"]{1,70})"|([^\s"]{1,70}))\s*$/i.exec(parameter);
    if (match) return match[1] ?? match[2];
  }
  return undefined;
}

/**
 * Reads the answer to a download between servers: a part with metadata, which is dropped, then the file. Server-Server
 * API §"Content Repository". Throws MultipartError, the body as well if it ends before its boundary.
 */
export async function readFilePart(chunks: AsyncIterable<Uint8Array>, boundary: string): Promise<FilePart> {
  const reader = new PartReader(chunks[Symbol.asyncIterator](), boundary);
  try {
    await reader.begin();
    await reader.head();
    await reader.skipBody(largestMetadata);
    const headers = await reader.head();
    return { headers, body: reader.body() };
  } catch (error) {
    await reader.giveUp();
    throw error;
  }
}

/** Takes parts out of chunks that are cut anywhere. */
class PartReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** Before every boundary but the first there is a line break, which isn't part of the body. */
  readonly #delimiter: Buffer;
  /** What was read and isn't used yet. The line break stands for the one before the first boundary. */
  #buffer: Buffer = Buffer.from('\r\n');

  constructor(chunks: AsyncIterator<Uint8Array>, boundary: string) {
    this.#chunks = chunks;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  async giveUp(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Goes on to behind the first boundary. */
  async begin(): Promise<void> {
    await this.skipBody(largestHead);
  }

  /** The headers of the part that begins here. */
  async head(): Promise<Map<string, string>> {
    // The line of the boundary ends, and the lines of headers end with an empty one.
    const text = (await this.#until('\r\n\r\n', largestHead)).toString('latin1');
    if (text.startsWith('--')) throw new MultipartError('There is no file in the answer');
    const headers = new Map<string, string>();
    for (const line of text.split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    return headers;
  }

  async skipBody(largest: number): Promise<void> {
    let size = 0;
    for await (const piece of this.#pieces()) {
      size += piece.length;
      if (size > largest) throw new MultipartError('What is told about the file is too long');
    }
  }

  /** The body of the part that begins here; what comes after it isn't read. */
  async *body(): AsyncGenerator<Uint8Array, void> {
    try {
      // Copies, since who takes them may do with their memory what they want.
      for await (const piece of this.#pieces()) yield Uint8Array.from(piece);
    } finally {
      await this.giveUp();
    }
  }

  /** Up to the next boundary, which is taken as well. */
  async *#pieces(): AsyncGenerator<Buffer, void> {
    const delimiter = this.#delimiter;
    for (;;) {
      const at = this.#buffer.indexOf(delimiter);
      if (at !== -1) {
        const last = this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + delimiter.length);
        if (last.length > 0) yield last;
        return;
      }
      // The boundary may begin at the end of what there is.
      const safe = this.#buffer.length - delimiter.length + 1;
      if (safe > 0) {
        const piece = this.#buffer.subarray(0, safe);
        this.#buffer = this.#buffer.subarray(safe);
        yield piece;
      }
      await this.#more();
    }
  }

  async #until(end: string, largest: number): Promise<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(end);
      if (at !== -1) {
        const found = this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + end.length);
        return found;
      }
      if (this.#buffer.length > largest) throw new MultipartError('The headers of a part are too long');
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new MultipartError('The answer ends in the middle of a part');
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(value) : Buffer.concat([this.#buffer, value]);
  }
}
