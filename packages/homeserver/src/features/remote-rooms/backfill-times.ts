import type { Metrics } from '../../observability/metrics.ts';

/** How long the parts of fetching history take, by Synapse's names. In milliseconds. */
export interface BackfillTimes {
  /** From the need to the question. */
  before(milliseconds: number): void;
  /** From the answer until it is stored. */
  after(milliseconds: number): void;
}

/** In seconds. */
const buckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 40, 60, 80];

export function backfillTimes(metrics: Metrics): BackfillTimes {
  const prefix = 'synapse_federation_backfill_processing';
  const before = metrics.histogram(`${prefix}_before_time_seconds`, 'Time until history is asked for', buckets);
  const after = metrics.histogram(`${prefix}_after_time_seconds`, 'Time until history is stored', buckets);
  return {
    before: (milliseconds) => before.observe(milliseconds / 1000),
    after: (milliseconds) => after.observe(milliseconds / 1000),
  };
}
