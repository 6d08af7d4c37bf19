import type { StoredEvent } from '../../events/index.ts';
import type { ResolutionScope } from '../../state-resolution/index.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import { OutlierStream, type OutliersParts } from './outlier-stream.ts';

/** Keeps events of which only the content counts (state and auth chains that others tell), checked by their auth events. */
export class Outliers {
  readonly #parts: OutliersParts;

  constructor(parts: OutliersParts) {
    this.#parts = parts;
  }

  /**
   * Stores those that aren't known yet; those with auth events that are missing are left out. Returns all that are here
   * now, rejected ones included, by id. `teller`: the server on whose account they are kept.
   */
  async store(scope: ResolutionScope, pdus: readonly CheckedPdu[], teller?: string): Promise<Map<string, StoredEvent>> {
    const known = new Map<string, StoredEvent>();
    const stream = new OutlierStream(this.#parts, scope, teller, (event) => known.set(event.eventId, event));
    await stream.add(pdus);
    await stream.end();
    return known;
  }

  /** The same for more events than shall be in memory at once. */
  open(scope: ResolutionScope, teller?: string): OutlierStream {
    return new OutlierStream(this.#parts, scope, teller);
  }
}
