import { Readable } from 'node:stream';
import { bytes, rawJson, type Answer } from '../../../http/index.ts';

/** Answers of up to this many characters are sent whole. */
const small = 262_144;

/** JSON that comes in pieces: sent whole if it is small, as a stream if it isn't. */
export async function streamedJson(pieces: AsyncIterable<string>): Promise<Answer> {
  const iterator = pieces[Symbol.asyncIterator]();
  let text = '';
  for (;;) {
    const next = await iterator.next();
    if (next.done) return rawJson(text);
    text += next.value;
    if (text.length > small) break;
  }
  async function* all(): AsyncGenerator<string> {
    yield text;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return bytes(Readable.from(all()), { 'content-type': 'application/json' });
}
