import { section } from '../option.ts';

export const metricsOptions = section('Metrics and reports', '', [
  ['enable_metrics', 'boolean', false, 'Serve Prometheus metrics on the listeners that have the metrics resource.'],
  ['sentry', 'map', undefined, 'Report errors to Sentry.'],
  ['sentry.dsn', 'string or null', null, 'Where to.'],
  ['sentry.environment', 'string or null', null, 'Under which environment.'],
  ['metrics_flags', 'map', undefined, 'Costly metrics.'],
  ['metrics_flags.known_servers', 'boolean', false, 'The number of known servers.'],
  [
    'report_stats',
    'boolean',
    undefined,
    'Whether this server reports figures of its use to report_stats_endpoint. Must be given; nothing is sent yet.',
  ],
  ['report_stats_endpoint', 'string', 'https://matrix.org/report-usage-stats/push', 'Where they go.'],
]);
