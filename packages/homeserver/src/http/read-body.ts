import type { IncomingMessage } from 'node:http';
import { MatrixError } from '@myelin/api';
import {
  isJsonObject,
  JsonNumber,
  parseJson,
  parseJsonInSteps,
  setOwn,
  smallJsonBytes,
  type JsonValue,
  type ParseResult,
} from '@myelin/protocol';
import type { Breather } from '@myelin/runtime';
import { Slots } from '../queues/index.ts';
import { tooLarge, tooSlow } from './error-mapper.ts';
import type { HeldBodies, HeldBody } from './held-bodies.ts';
import { networkOf } from './network.ts';
import { limitExceeded } from './rate-limiter.ts';
import { slowestRate, type Patience } from './patience.ts';

/** The body of a request as it comes; a connection that falls silent meanwhile is closed, and the iteration throws. */
export async function* bodyChunks(stream: IncomingMessage, { silence }: Patience): AsyncGenerator<Uint8Array, void> {
  stream.socket.setTimeout(silence);
  // A body that is given up midway doesn't take the connection with it: the refusal still goes out over it.
  yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  stream.socket.setTimeout(0);
}

/**
 * The whole body, refused once it is larger than `limit` bytes or comes too slowly. A connection that falls silent is
 * closed. `monotonic` gives milliseconds. `holding`: it counts among bodies of which there may be so much, and is refused if it is given up.
 */
export function readBody(
  stream: IncomingMessage,
  limit: number,
  patience: Patience,
  monotonic: () => number,
  holding?: Holding,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(stream.headers['content-length'] ?? 0);
    if (announced > limit) return reject(tooLarge());
    stream.socket.setTimeout(patience.silence);
    const start = monotonic();
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (refusal: MatrixError): void => {
      refused = true;
      chunks.length = 0;
      stream.removeAllListeners('data');
      stream.resume();
      reject(refusal);
    };
    const held = holding?.open(() => refuse(limitExceeded(comeAgainMs)));
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      held?.grow(chunk.length);
      if (refused) return;
      const elapsed = monotonic() - start;
      if (size > limit) refuse(tooLarge());
      else if (elapsed > patience.body && size < (elapsed / 1000) * slowestRate) refuse(tooSlow());
      else chunks.push(chunk);
    });
    stream.on('end', () => {
      if (refused) return;
      held?.complete();
      stream.socket.setTimeout(0);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    stream.on('error', () => reject(new MatrixError('M_UNKNOWN', 'The request was cut off')));
    stream.on('aborted', () => reject(new MatrixError('M_UNKNOWN', 'The request was cut off')));
  });
}

/** When a body that was given up may come again. */
const comeAgainMs = 10_000;

/** The body of one request among all that are held. */
export class Holding {
  readonly #bodies: HeldBodies;
  readonly #ip: string;
  #body: HeldBody | undefined;

  constructor(bodies: HeldBodies, ip: string) {
    this.#bodies = bodies;
    this.#ip = ip;
  }

  open(giveUp: () => void): HeldBody {
    this.#body = this.#bodies.open(networkOf(this.#ip), giveUp);
    return this.#body;
  }

  release(): void {
    this.#body?.release();
  }
}

/** Deepest nesting that a body may have. */
const maximumDepth = 200;
/** So many large bodies are parsed side by side; others wait. */
const mostParsedAtOnce = 4;

/**
 * Parses a JSON body; refuses text that isn't UTF-8, isn't JSON, or is nested too deeply. Not with JSON.parse, which
 * misreads escaped keys (see the protocol's parser). Numbers are plain ones: `1.0` is 1, as for any JSON reader.
 */
export function parseJsonBody(body: Uint8Array): unknown {
  return plainNumbers(valueOf(parseJson(body, { maxDepth: maximumDepth })));
}

/** Parses large bodies a few milliseconds at a time, and a few of them at once: they come from anybody. */
export class BodyParser {
  readonly #breathe: () => Breather;
  readonly #slots = new Slots({ atOnce: mostParsedAtOnce });

  constructor(breathe: () => Breather) {
    this.#breathe = breathe;
  }

  /** As `parseJsonBody`. */
  async parse(body: Uint8Array): Promise<unknown> {
    if (body.length <= smallJsonBytes) return parseJsonBody(body);
    const steps = parseJsonInSteps(body, { maxDepth: maximumDepth, convert: plainNumbers });
    return valueOf(await this.#slots.run(() => this.#breathe().finish(steps)));
  }
}

/** The value, or the refusal that says why there is none. */
export function valueOf<T>(parsed: ParseResult<T>): T {
  if (parsed.ok) return parsed.value;
  if (parsed.reason === 'too-deep') throw new MatrixError('M_BAD_JSON', 'The JSON is nested too deeply');
  if (parsed.reason === 'too-large') throw new MatrixError('M_TOO_LARGE', 'The JSON holds too much');
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
