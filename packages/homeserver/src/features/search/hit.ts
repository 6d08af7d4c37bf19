import type { StoredEvent } from '../events/index.ts';
import type { Found } from './search-store.ts';

/** A result that the searcher may see. */
export interface Hit {
  readonly event: StoredEvent;
  readonly found: Found;
}

export interface SearchResults {
  readonly count: number;
  readonly hits: readonly Hit[];
  readonly nextBatch: string | undefined;
  /** Where the results of one room go on. */
  readonly groupBatch: (roomId: string) => string | undefined;
}
