import { getOwn, isJsonObject, parseJson, parseJsonInSteps, smallJsonBytes, type JsonValue } from '@myelin/protocol';
import type { Breather } from '@myelin/runtime';
import { FederationError } from './federation-error.ts';
import type { FederationResponse } from './federation-transport.ts';

/** A refusal's body is read so far. */
const longestRefusal = 65_536;
/** A large answer with more values is refused, for each takes memory: 128 MB of events hold half as many. */
const mostValues = 7_000_000;
/** An event has room for less, and so have a public room and a room of a space. */
const items = { values: 100_000, characters: 4_000_000 };

/** The body, piece by piece, bounded. Throws FederationError. */
export async function* bounded(
  destination: string,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.length;
      if (size > maxBytes)
        throw new FederationError('bad-answer', destination, `${destination} answered with too much`);
      yield piece;
    }
  } catch (error) {
    if (error instanceof FederationError) throw error;
    throw new FederationError('unreachable', destination, `The answer of ${destination} broke off`, { cause: error });
  }
}

/** The whole body. Throws FederationError. */
export async function readWhole(destination: string, response: FederationResponse, maxBytes: number): Promise<Buffer> {
  const announced = Number(response.headers['content-length'] ?? 0);
  if (announced > maxBytes) {
    response.cancel();
    throw new FederationError('bad-answer', destination, `${destination} answered with too much`);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of bounded(destination, response.body, maxBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * The parsed body of a 2xx, large ones with pauses. Items of its lists that are larger than what any server takes may be null
 * in it. Throws FederationError.
 */
export async function readJson(
  destination: string,
  response: FederationResponse,
  maxBytes: number,
  breathe: () => Breather,
): Promise<JsonValue> {
  const bytes = await readWhole(destination, response, maxBytes);
  const isSmall = bytes.length <= smallJsonBytes;
  const parsed = isSmall ? parseJson(bytes) : await breathe().finish(parseJsonInSteps(bytes, { mostValues, items }));
  if (parsed.ok) return parsed.value;
  throw new FederationError('bad-answer', destination, `${destination} answered with what isn't JSON`, {
    status: response.status,
  });
}

/** What an answer with an error status says. */
export async function refusalOf(destination: string, response: FederationResponse): Promise<FederationError> {
  const { status } = response;
  let body: JsonValue = null;
  try {
    const parsed = parseJson(await readWhole(destination, response, longestRefusal));
    if (parsed.ok) body = parsed.value;
  } catch {
    // The status says enough.
  }
  if (!isJsonObject(body))
    return new FederationError('refused', destination, `${destination} answered ${status}`, { status });
  const code = getOwn(body, 'errcode');
  const facts = { status, details: body, ...(typeof code === 'string' ? { code } : {}) };
  return new FederationError(
    'refused',
    destination,
    `${destination} answered ${status} ${facts.code ?? ''}`.trim(),
    facts,
  );
}
