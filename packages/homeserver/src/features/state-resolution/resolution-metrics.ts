import type { Metrics } from '../../observability/metrics.ts';
import type { StateResolver } from './state-resolver.ts';

/** Synapse's, so that dashboards fit. */
const buckets = [1, 2, 3, 5, 7, 10, 15, 20, 50, 100, 200, 500];

/** Counts resolutions by how many states they are of, by Synapse's name. Those that are known from before aren't made again. */
export function countResolutions(resolver: StateResolver, metrics: Metrics): void {
  const histogram = metrics.histogram(
    'synapse_state_number_state_groups_in_resolution',
    'States that were resolved with each other',
    buckets,
  );
  resolver.onResolved((states) => histogram.observe(states));
}
