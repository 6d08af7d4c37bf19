import type { IncomingMessage } from 'node:http';
import { MatrixError } from '@myelin/api';
import { isJsonObject, JsonNumber, parseJson, setOwn, type JsonValue } from '@myelin/protocol';
import { tooLarge } from './error-mapper.ts';

/** Whoever sends nothing for so long is gone: Node then closes the connection. */
const longestSilenceMs = 60_000;

/** The body of a request as it comes; a connection that falls silent meanwhile is closed, and the iteration throws. */
export async function* bodyChunks(stream: IncomingMessage): AsyncGenerator<Uint8Array, void> {
  stream.socket.setTimeout(longestSilenceMs);
  // A body that is given up midway doesn't take the connection with it: the refusal still goes out over it.
  yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  stream.socket.setTimeout(0);
}

/** The whole body, refused once it is larger than `limit` bytes. */
export function readBody(stream: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(stream.headers['content-length'] ?? 0);
    if (announced > limit) return reject(tooLarge());
    stream.socket.setTimeout(longestSilenceMs);
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        stream.removeAllListeners('data');
        stream.resume();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    stream.on('end', () => {
      if (size > limit) return;
      stream.socket.setTimeout(0);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    stream.on('error', () => reject(new MatrixError('M_UNKNOWN', 'The request was cut off')));
    stream.on('aborted', () => reject(new MatrixError('M_UNKNOWN', 'The request was cut off')));
  });
}

/** Deepest nesting that a body may have. */
const maximumDepth = 200;

/**
 * Parses a JSON body; refuses text that isn't UTF-8, isn't JSON, or is nested too deeply. Not with JSON.parse, which
 * misreads escaped keys (see the protocol's parser). Numbers are plain ones: `1.0` is 1, as for any JSON reader.
 */
export function parseJsonBody(body: Uint8Array): unknown {
  const parsed = parseJson(body, { maxDepth: maximumDepth });
  if (parsed.ok) return plainNumbers(parsed.value);
  if (parsed.reason === 'too-deep') throw new MatrixError('M_BAD_JSON', 'The JSON is nested too deeply');
  throw new MatrixError('M_NOT_JSON', 'Content not JSON.');
}

function plainNumbers(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber) return value.value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = plainNumbers(value[i] as JsonValue);
  } else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      const member = value[key] as JsonValue;
      if (typeof member === 'object' && member !== null) setOwn(value, key, plainNumbers(member));
    }
  }
  return value;
}
