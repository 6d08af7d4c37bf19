import type { Writer } from '@myelin/database';
import type { Metrics } from '../../observability/metrics.ts';
import type { StoredEvent } from '../events/index.ts';
import type { EventProjection } from './projection.ts';

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
