import type { IncomingMessage } from 'node:http';
import { MatrixError } from '@myelin/api';
import { tooLarge } from './error-mapper.ts';

/** The whole body, refused once it is larger than `limit` bytes. */
export function readBody(stream: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(stream.headers['content-length'] ?? 0);
    if (announced > limit) return reject(tooLarge());
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
    stream.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    stream.on('error', () => reject(new MatrixError('M_UNKNOWN', 'The request was cut off')));
    stream.on('aborted', () => reject(new MatrixError('M_UNKNOWN', 'The request was cut off')));
  });
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Deepest nesting that a body may have; JSON.parse itself would take far more. */
const maximumDepth = 200;

/** Parses a JSON body; refuses text that isn't UTF-8, isn't JSON, or is nested too deeply. */
export function parseJsonBody(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch {
    throw new MatrixError('M_NOT_JSON', 'Content not JSON.');
  }
  if (body.length > maximumDepth && isDeeperThan(body, maximumDepth)) {
    throw new MatrixError('M_BAD_JSON', 'The JSON is nested too deeply');
  }
  return value;
}

function isDeeperThan(text: Uint8Array, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
