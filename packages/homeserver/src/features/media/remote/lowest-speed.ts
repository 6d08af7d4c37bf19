import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';

/** Within each such time (ms) an answer must have come at this speed (bytes in a second). */
const windowMs = 60_000;
const slowestRate = 8 * 1024;

/** Throws a 502 where an answer comes too slowly, at its beginning or later. */
export async function* unlessCreeping(body: AsyncIterable<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array, void> {
  let since = clock.monotonic();
  let came = 0;
  for await (const chunk of body) {
    came += chunk.length;
    const elapsed = clock.monotonic() - since;
    if (elapsed > windowMs) {
      if (came < (elapsed / 1000) * slowestRate)
        throw new MatrixError('M_UNKNOWN', 'The remote media comes too slowly', { status: 502 });
      since += elapsed;
      came = 0;
    }
    yield chunk;
  }
}
