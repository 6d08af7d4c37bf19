import type { Writer } from '@myelin/database';
import type { Histogram } from 'prom-client';
import type { Metrics } from '../../observability/metrics.ts';
import type { StoredEvent } from '../events/index.ts';
import type { EventContext, EventProjection } from './projection.ts';

/** Synapse's, so that dashboards fit. */
const endBuckets = [1, 2, 3, 5, 7, 10, 15, 20, 50, 100, 200, 500];

/** Counts the events that are stored, and the ends of their rooms. */
export class EventMetrics implements EventProjection {
  readonly #metrics: Metrics;
  readonly #ends: Histogram;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#ends = metrics.histogram(
      'synapse_storage_events_forward_extremities_persisted',
      'Ends of the room after each new event',
      endBuckets,
    );
  }

  async apply(writer: Writer, event: StoredEvent, { way, head }: EventContext): Promise<void> {
    writer.onDurable(() => {
      this.#metrics.eventPersisted(event.type);
      if (way !== 'history') this.#ends.observe(head.extremities.length);
    });
  }
}
