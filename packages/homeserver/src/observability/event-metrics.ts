import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../features/events/index.ts';
import type { EventProjection } from '../features/timeline/index.ts';
import type { Metrics } from './metrics.ts';

/** Counts the events that are stored. */
export class EventMetrics implements EventProjection {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  async apply(writer: Writer, event: StoredEvent): Promise<void> {
    writer.onDurable(() => this.#metrics.eventPersisted(event.type));
  }
}
