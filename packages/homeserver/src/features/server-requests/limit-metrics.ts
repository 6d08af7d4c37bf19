import type { Metrics } from '../../observability/metrics.ts';

/** The figures of `rc_federation`, by Synapse's names. */
export interface LimitMetrics {
  /** A request waited for its turn for so many milliseconds, or not at all. */
  waited(milliseconds: number): void;
  slowedDown(): void;
  refused(): void;
  /** So many servers more, or fewer, have requests that are being slowed down. */
  slowServers(change: 1 | -1): void;
}

export const noLimitMetrics: LimitMetrics = { waited() {}, slowedDown() {}, refused() {}, slowServers() {} };

/** Seconds; Synapse's buckets. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 20];

export function limitMetrics(metrics: Metrics): LimitMetrics {
  const labels = ['rate_limiter_name'] as const;
  const name = { rate_limiter_name: 'federation_servlets' };
  const prefix = 'synapse_rate_limit';
  const slowed = metrics.counter(`${prefix}_sleep_total`, 'Requests of other servers that were slowed down', labels);
  const refused = metrics.counter(`${prefix}_reject_total`, 'Requests of other servers that were refused', labels);
  const servers = metrics.labelledGauge(
    `${prefix}_sleep_affected_hosts`,
    'Servers with requests that are being slowed down',
    labels,
  );
  const times = metrics.histogram(
    `${prefix}_queue_wait_time_seconds`,
    'Time that requests of other servers wait for their turn',
    buckets,
    labels,
  );
  servers.set(name, 0);
  for (const counter of [slowed, refused]) counter.inc(name, 0);
  return {
    waited: (milliseconds) => times.observe(name, milliseconds / 1000),
    slowedDown: () => slowed.inc(name),
    refused: () => refused.inc(name),
    slowServers: (change) => servers.inc(name, change),
  };
}
